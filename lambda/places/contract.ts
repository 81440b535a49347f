/** The region's places: how many long functions of backups may run at a time. `lib` writes the variable. */
export const PLACES_VARIABLE = "PLACES";
/** Of one environment: more would take S3's requests from the others. */
export const MOST_PLACES = 20;
