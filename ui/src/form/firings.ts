/** Schedule is a flow's schedule as it stands in the file. */
export interface Schedule {
  every: string;
  at?: string;
  cron?: string;
  zone: string;
  missed?: string;
}
