/** A file's key in one line, and so that no two look alike: what is not shown, or shown as something else, as JSON writes it. Pure. */
export const shownKey = (key: string): string =>
  /[\p{C}\p{Zl}\p{Zp}]|^["\s]|\s$|\s\s/u.test(key) || key === "" ? JSON.stringify(key) : key;
