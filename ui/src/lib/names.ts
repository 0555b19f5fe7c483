/** longestName is how many characters a flow's name may have, as the server judges. */
export const longestName = 120;
