/** A mobile subscriber: 14 or 15 digits that begin with a mobile country code of 2xx to 7xx or 901 (ITU-T E.212). */
export function imsi(text: string): boolean {
  return /^(?:[2-7]\d{2}|901)\d{11,12}$/.test(text) && !/(\d)\1{8}$/.test(text);
}
