/** landmark is where what floats is put, so that a reader of the page finds it within a part of it. */
export const landmark = (): HTMLElement => document.querySelector("main") ?? document.body;
