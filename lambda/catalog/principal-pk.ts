/** Where principals and their keys stand in the table; only the access function may write there, by its role. Pure. */
const PREFIX = "PRINCIPAL#";

export const principalPk = (name: string): string => `${PREFIX}${name}`;
