/** The build takes styles from modules; they have no values. */
declare module "*.css";
