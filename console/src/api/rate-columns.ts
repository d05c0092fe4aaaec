/** Written by `npm run docs`: the columns of a price list. */
export const REQUIRED_COLUMNS = [
  "prefix",
  "destination",
  "price_per_minute",
  "connect_fee",
  "initial_increment",
  "increment"
] as const;

export const OPTIONAL_COLUMNS = [
  "minimum_charge",
  "grace_seconds",
  "max_seconds",
  "valid_from",
  "valid_until",
  "blocked",
  "free_seconds",
  "steps",
  "schedule",
  "removed"
] as const;
