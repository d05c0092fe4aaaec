/** Written by `npm run docs`: the fields of each change of the API, as forms show them. */
export const accountCreateFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  },
  "deck": {
    "kind": "text",
    "help": "the deck that its calls are rated with, in its currency",
    "unit": "deck",
    "example": "retail",
    "isRequired": true
  },
  "balance": {
    "kind": "amount",
    "help": "what it opens with; 0 if not given",
    "unit": "amount",
    "example": "10.00"
  },
  "currency": {
    "kind": "text",
    "help": "the deck's currency, to be sure of it",
    "unit": "code",
    "example": "EUR"
  },
  "name": {
    "kind": "text",
    "help": "the customer's name, for people",
    "unit": "name",
    "example": "Alice Ltd"
  },
  "credit_limit": {
    "kind": "amount",
    "help": "how far below zero calls may take the balance",
    "unit": "amount",
    "example": "5.00"
  },
  "max_channels": {
    "kind": "whole",
    "help": "most calls at once, ringing ones counted",
    "unit": "calls",
    "example": "2",
    "canBeNone": true
  },
  "max_call_seconds": {
    "kind": "whole",
    "help": "longest call; none for the service's own limit",
    "unit": "seconds",
    "example": "3600",
    "canBeNone": true
  },
  "barred_prefixes": {
    "kind": "texts",
    "help": "digits it may not dial, separated by commas",
    "unit": "prefixes",
    "example": "900,4190",
    "canBeNone": true
  },
  "expires_at": {
    "kind": "instant",
    "help": "no call starts from then on, such as 2026-12-31T18:00 in your zone (TZ)",
    "unit": "time",
    "example": "2026-12-31T18:00:00Z",
    "canBeNone": true
  },
  "time_zone": {
    "kind": "text",
    "help": "decides on which day a rate is valid, such as Europe/Berlin",
    "unit": "zone",
    "example": "Europe/Berlin"
  },
  "mode": {
    "kind": "word",
    "help": "strict: a call reserves its longest talk; shared: a slice at a time",
    "unit": "mode",
    "example": "shared",
    "words": [
      "strict",
      "shared"
    ]
  },
  "slice_seconds": {
    "kind": "whole",
    "help": "talk that a call of mode shared reserves at a time; 10 to 3600, 60 if never set",
    "unit": "seconds",
    "example": "60"
  },
  "max_time": {
    "kind": "whole",
    "help": "most talk of all calls that overlap, together",
    "unit": "seconds",
    "example": "7200",
    "canBeNone": true
  },
  "max_calls_per_second": {
    "kind": "whole",
    "help": "most calls that start in one second",
    "unit": "calls",
    "example": "5",
    "canBeNone": true
  },
  "warn_seconds": {
    "kind": "wholes",
    "help": "when the caller is warned before the cut, such as 60,20",
    "unit": "seconds",
    "example": "60,20",
    "canBeNone": true
  },
  "warn_repeat_seconds": {
    "kind": "whole",
    "help": "after the first warning, one more every so many seconds",
    "unit": "seconds",
    "example": "30",
    "canBeNone": true
  },
  "warn_sound": {
    "kind": "text",
    "help": "say (the time left) or a sound such as sound:beep; default for the service's own",
    "unit": "sound",
    "example": "sound:beep"
  },
  "announce": {
    "kind": "texts",
    "help": "what the caller hears before the call: balance, time or balance,time",
    "unit": "what",
    "example": "balance,time",
    "canBeNone": true
  },
  "low_balance": {
    "kind": "amount",
    "help": "an event tells when the balance is below",
    "unit": "amount",
    "example": "2.00",
    "canBeNone": true
  },
  "max_spend_hour": {
    "kind": "amount",
    "help": "the most that its calls are charged, and hold, in an hour of its time zone",
    "unit": "amount",
    "example": "10.00",
    "canBeNone": true
  },
  "max_spend_day": {
    "kind": "amount",
    "help": "the most that its calls are charged, and hold, in a day of its time zone",
    "unit": "amount",
    "example": "50.00",
    "canBeNone": true
  },
  "max_spend_month": {
    "kind": "amount",
    "help": "the most that its calls are charged, and hold, in a calendar month of its time zone",
    "unit": "amount",
    "example": "500.00",
    "canBeNone": true
  },
  "spend_limit_action": {
    "kind": "word",
    "help": "what a call over such a limit meets: refuse refuses it; block blocks the account too, and ends its calls",
    "unit": "action",
    "example": "block",
    "words": [
      "refuse",
      "block"
    ]
  },
  "max_call_cost": {
    "kind": "amount",
    "help": "the most that one call may cost: longer ones are cut",
    "unit": "amount",
    "example": "5.00",
    "canBeNone": true
  },
  "max_price_per_minute": {
    "kind": "amount",
    "help": "no call starts at a higher price per minute",
    "unit": "amount",
    "example": "0.50",
    "canBeNone": true
  }
} as const;

export const accountSetFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  },
  "deck": {
    "kind": "text",
    "help": "the deck that its calls are rated with, in its currency",
    "unit": "deck",
    "example": "retail"
  },
  "name": {
    "kind": "text",
    "help": "the customer's name, for people",
    "unit": "name",
    "example": "Alice Ltd"
  },
  "credit_limit": {
    "kind": "amount",
    "help": "how far below zero calls may take the balance",
    "unit": "amount",
    "example": "5.00"
  },
  "max_channels": {
    "kind": "whole",
    "help": "most calls at once, ringing ones counted",
    "unit": "calls",
    "example": "2",
    "canBeNone": true
  },
  "max_call_seconds": {
    "kind": "whole",
    "help": "longest call; none for the service's own limit",
    "unit": "seconds",
    "example": "3600",
    "canBeNone": true
  },
  "barred_prefixes": {
    "kind": "texts",
    "help": "digits it may not dial, separated by commas",
    "unit": "prefixes",
    "example": "900,4190",
    "canBeNone": true
  },
  "expires_at": {
    "kind": "instant",
    "help": "no call starts from then on, such as 2026-12-31T18:00 in your zone (TZ)",
    "unit": "time",
    "example": "2026-12-31T18:00:00Z",
    "canBeNone": true
  },
  "time_zone": {
    "kind": "text",
    "help": "decides on which day a rate is valid, such as Europe/Berlin",
    "unit": "zone",
    "example": "Europe/Berlin"
  },
  "mode": {
    "kind": "word",
    "help": "strict: a call reserves its longest talk; shared: a slice at a time",
    "unit": "mode",
    "example": "shared",
    "words": [
      "strict",
      "shared"
    ]
  },
  "slice_seconds": {
    "kind": "whole",
    "help": "talk that a call of mode shared reserves at a time; 10 to 3600, 60 if never set",
    "unit": "seconds",
    "example": "60"
  },
  "max_time": {
    "kind": "whole",
    "help": "most talk of all calls that overlap, together",
    "unit": "seconds",
    "example": "7200",
    "canBeNone": true
  },
  "max_calls_per_second": {
    "kind": "whole",
    "help": "most calls that start in one second",
    "unit": "calls",
    "example": "5",
    "canBeNone": true
  },
  "warn_seconds": {
    "kind": "wholes",
    "help": "when the caller is warned before the cut, such as 60,20",
    "unit": "seconds",
    "example": "60,20",
    "canBeNone": true
  },
  "warn_repeat_seconds": {
    "kind": "whole",
    "help": "after the first warning, one more every so many seconds",
    "unit": "seconds",
    "example": "30",
    "canBeNone": true
  },
  "warn_sound": {
    "kind": "text",
    "help": "say (the time left) or a sound such as sound:beep; default for the service's own",
    "unit": "sound",
    "example": "sound:beep"
  },
  "announce": {
    "kind": "texts",
    "help": "what the caller hears before the call: balance, time or balance,time",
    "unit": "what",
    "example": "balance,time",
    "canBeNone": true
  },
  "low_balance": {
    "kind": "amount",
    "help": "an event tells when the balance is below",
    "unit": "amount",
    "example": "2.00",
    "canBeNone": true
  },
  "max_spend_hour": {
    "kind": "amount",
    "help": "the most that its calls are charged, and hold, in an hour of its time zone",
    "unit": "amount",
    "example": "10.00",
    "canBeNone": true
  },
  "max_spend_day": {
    "kind": "amount",
    "help": "the most that its calls are charged, and hold, in a day of its time zone",
    "unit": "amount",
    "example": "50.00",
    "canBeNone": true
  },
  "max_spend_month": {
    "kind": "amount",
    "help": "the most that its calls are charged, and hold, in a calendar month of its time zone",
    "unit": "amount",
    "example": "500.00",
    "canBeNone": true
  },
  "spend_limit_action": {
    "kind": "word",
    "help": "what a call over such a limit meets: refuse refuses it; block blocks the account too, and ends its calls",
    "unit": "action",
    "example": "block",
    "words": [
      "refuse",
      "block"
    ]
  },
  "max_call_cost": {
    "kind": "amount",
    "help": "the most that one call may cost: longer ones are cut",
    "unit": "amount",
    "example": "5.00",
    "canBeNone": true
  },
  "max_price_per_minute": {
    "kind": "amount",
    "help": "no call starts at a higher price per minute",
    "unit": "amount",
    "example": "0.50",
    "canBeNone": true
  }
} as const;

export const accountTopupFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  },
  "amount": {
    "kind": "amount",
    "help": "how much",
    "unit": "amount",
    "example": "20.00",
    "isRequired": true
  },
  "reason": {
    "kind": "text",
    "help": "why, for people",
    "unit": "text",
    "example": "paid in cash"
  },
  "reference": {
    "kind": "text",
    "help": "your own name of the cause: the same again moves nothing",
    "unit": "reference",
    "example": "invoice-17",
    "isRequired": true
  }
} as const;

export const accountRefundFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  },
  "amount": {
    "kind": "amount",
    "help": "how much",
    "unit": "amount",
    "example": "20.00",
    "isRequired": true
  },
  "reason": {
    "kind": "text",
    "help": "why, for people",
    "unit": "text",
    "example": "paid in cash"
  },
  "reference": {
    "kind": "text",
    "help": "your own name of the cause: the same again moves nothing",
    "unit": "reference",
    "example": "invoice-17"
  },
  "call": {
    "kind": "text",
    "help": "the call that is refunded, in place of --reference: at most what it was charged",
    "unit": "uniqueid",
    "example": "ast1-1767225600.42"
  }
} as const;

export const accountAdjustFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  },
  "amount": {
    "kind": "amount",
    "help": "how much",
    "unit": "amount",
    "example": "20.00",
    "isRequired": true
  },
  "reason": {
    "kind": "text",
    "help": "why, for people",
    "unit": "text",
    "example": "paid in cash"
  },
  "reference": {
    "kind": "text",
    "help": "your own name of the cause: the same again moves nothing",
    "unit": "reference",
    "example": "invoice-17",
    "isRequired": true
  },
  "overdraw": {
    "kind": "flag",
    "help": "take more than is available, though calls in progress count on it"
  }
} as const;

export const accountBlockFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  }
} as const;

export const accountUnblockFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  }
} as const;

export const accountCloseFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  }
} as const;

export const accountHangupFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  }
} as const;

export const accountAddTimeFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  },
  "seconds": {
    "kind": "whole",
    "help": "how much talk",
    "unit": "seconds",
    "example": "300",
    "isRequired": true
  }
} as const;

export const poolHangupFields = {
  "customer": {
    "kind": "text",
    "help": "the customer that the dialplan names",
    "unit": "customer",
    "example": "john-doe",
    "isRequired": true
  }
} as const;

export const poolRaiseFields = {
  "customer": {
    "kind": "text",
    "help": "the customer that the dialplan names",
    "unit": "customer",
    "example": "john-doe",
    "isRequired": true
  },
  "amount": {
    "kind": "amount",
    "help": "how much more",
    "unit": "amount",
    "example": "5.00",
    "isRequired": true
  }
} as const;

export const poolAddTimeFields = {
  "customer": {
    "kind": "text",
    "help": "the customer that the dialplan names",
    "unit": "customer",
    "example": "john-doe",
    "isRequired": true
  },
  "seconds": {
    "kind": "whole",
    "help": "how much talk",
    "unit": "seconds",
    "example": "300",
    "isRequired": true
  }
} as const;

export const cardGenerateFields = {
  "batch": {
    "kind": "text",
    "help": "a new name for them",
    "unit": "batch",
    "example": "summer",
    "isRequired": true
  },
  "count": {
    "kind": "whole",
    "help": "how many; 100,000 take some minutes",
    "unit": "cards",
    "example": "1000",
    "isRequired": true
  },
  "value": {
    "kind": "amount",
    "help": "what each opens its account with",
    "unit": "amount",
    "example": "10.00",
    "isRequired": true
  },
  "deck": {
    "kind": "text",
    "help": "the deck that their calls are rated with",
    "unit": "deck",
    "example": "retail",
    "isRequired": true
  },
  "pin_digits": {
    "kind": "whole",
    "help": "digits of each: 10 to 16; 12 if not given",
    "unit": "digits",
    "example": "12"
  },
  "expires": {
    "kind": "instant",
    "help": "no call starts from then on, such as 2026-12-31T18:00 in your zone (TZ)",
    "unit": "time",
    "example": "2026-12-31T18:00:00Z"
  },
  "expires_days": {
    "kind": "whole",
    "help": "nor so many days after the first use",
    "unit": "days",
    "example": "90"
  }
} as const;

export const cardActivateFields = {
  "batch": {
    "kind": "text",
    "help": "the batch",
    "unit": "batch",
    "example": "summer",
    "isRequired": true
  },
  "from": {
    "kind": "whole",
    "help": "the first of them; the first of the batch if not given",
    "unit": "serial",
    "example": "17"
  },
  "to": {
    "kind": "whole",
    "help": "the last of them; the last of the batch if not given",
    "unit": "serial",
    "example": "17"
  }
} as const;

export const cardBlockFields = {
  "batch": {
    "kind": "text",
    "help": "the batch",
    "unit": "batch",
    "example": "summer",
    "isRequired": true
  },
  "from": {
    "kind": "whole",
    "help": "the first of them; the first of the batch if not given",
    "unit": "serial",
    "example": "17"
  },
  "to": {
    "kind": "whole",
    "help": "the last of them; the last of the batch if not given",
    "unit": "serial",
    "example": "17"
  }
} as const;

export const cardUnblockFields = {
  "batch": {
    "kind": "text",
    "help": "the batch",
    "unit": "batch",
    "example": "summer",
    "isRequired": true
  },
  "from": {
    "kind": "whole",
    "help": "the first of them; the first of the batch if not given",
    "unit": "serial",
    "example": "17"
  },
  "to": {
    "kind": "whole",
    "help": "the last of them; the last of the batch if not given",
    "unit": "serial",
    "example": "17"
  }
} as const;

export const voucherGenerateFields = {
  "batch": {
    "kind": "text",
    "help": "a new name for them",
    "unit": "batch",
    "example": "summer",
    "isRequired": true
  },
  "count": {
    "kind": "whole",
    "help": "how many; 100,000 take some minutes",
    "unit": "vouchers",
    "example": "1000",
    "isRequired": true
  },
  "value": {
    "kind": "amount",
    "help": "what each adds",
    "unit": "amount",
    "example": "10.00",
    "isRequired": true
  },
  "currency": {
    "kind": "text",
    "help": "of the value; the account has to have the same",
    "unit": "code",
    "example": "EUR",
    "isRequired": true
  },
  "code_digits": {
    "kind": "whole",
    "help": "digits of each: 10 to 16; 12 if not given",
    "unit": "digits",
    "example": "12"
  },
  "expires": {
    "kind": "instant",
    "help": "not redeemed from then on, such as 2026-12-31T18:00 in your zone (TZ)",
    "unit": "time",
    "example": "2026-12-31T18:00:00Z"
  }
} as const;

export const voucherActivateFields = {
  "batch": {
    "kind": "text",
    "help": "the batch",
    "unit": "batch",
    "example": "summer",
    "isRequired": true
  },
  "from": {
    "kind": "whole",
    "help": "the first of them; the first of the batch if not given",
    "unit": "serial",
    "example": "17"
  },
  "to": {
    "kind": "whole",
    "help": "the last of them; the last of the batch if not given",
    "unit": "serial",
    "example": "17"
  }
} as const;

export const voucherBlockFields = {
  "batch": {
    "kind": "text",
    "help": "the batch",
    "unit": "batch",
    "example": "summer",
    "isRequired": true
  },
  "from": {
    "kind": "whole",
    "help": "the first of them; the first of the batch if not given",
    "unit": "serial",
    "example": "17"
  },
  "to": {
    "kind": "whole",
    "help": "the last of them; the last of the batch if not given",
    "unit": "serial",
    "example": "17"
  }
} as const;

export const voucherUnblockFields = {
  "batch": {
    "kind": "text",
    "help": "the batch",
    "unit": "batch",
    "example": "summer",
    "isRequired": true
  },
  "from": {
    "kind": "whole",
    "help": "the first of them; the first of the batch if not given",
    "unit": "serial",
    "example": "17"
  },
  "to": {
    "kind": "whole",
    "help": "the last of them; the last of the batch if not given",
    "unit": "serial",
    "example": "17"
  }
} as const;

export const voucherRedeemFields = {
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  },
  "code": {
    "kind": "text",
    "help": "the voucher's code as it is printed",
    "unit": "code",
    "example": "123456789012",
    "isRequired": true
  }
} as const;

export const callerAddFields = {
  "number": {
    "kind": "text",
    "help": "the number, with + or 00 or without",
    "unit": "number",
    "example": "+4930123456",
    "isRequired": true
  },
  "accountcode": {
    "kind": "text",
    "help": "the account",
    "unit": "accountcode",
    "example": "alice",
    "isRequired": true
  }
} as const;

export const callerRemoveFields = {
  "number": {
    "kind": "text",
    "help": "the number, with + or 00 or without",
    "unit": "number",
    "example": "+4930123456",
    "isRequired": true
  }
} as const;

export const deckLoadFields = {
  "deck": {
    "kind": "text",
    "help": "the deck",
    "unit": "deck",
    "example": "retail",
    "isRequired": true
  },
  "currency": {
    "kind": "text",
    "help": "the deck's currency: needed for its first import, fixed from then on",
    "unit": "code",
    "example": "EUR"
  },
  "source": {
    "kind": "text",
    "help": "the name of the file, to be remembered; the one that it has if not given",
    "unit": "name",
    "example": "rates.csv"
  },
  "changes": {
    "kind": "flag",
    "help": "the file names only what changes: the prices of all other prefixes stay; if not given, it is a whole list"
  }
} as const;

export const deckPublishFields = {
  "deck": {
    "kind": "text",
    "help": "the deck",
    "unit": "deck",
    "example": "retail",
    "isRequired": true
  },
  "version": {
    "kind": "whole",
    "help": "its version",
    "unit": "version",
    "example": "7",
    "isRequired": true
  },
  "compared_with": {
    "kind": "whole",
    "help": "the current version that your preview names; the one of its load if not given",
    "unit": "version",
    "example": "6"
  },
  "confirm": {
    "kind": "flag",
    "help": "replace the deck though it lacks more than a fifth of the prefixes, or prices of today for them, or blocks them"
  }
} as const;

export const deckRestoreFields = {
  "deck": {
    "kind": "text",
    "help": "the deck",
    "unit": "deck",
    "example": "retail",
    "isRequired": true
  },
  "version": {
    "kind": "whole",
    "help": "its version",
    "unit": "version",
    "example": "7",
    "isRequired": true
  },
  "compared_with": {
    "kind": "whole",
    "help": "the current version, which goes: if another one is current by now, nothing changes",
    "unit": "version",
    "example": "7",
    "isRequired": true
  }
} as const;

export const deckDeleteVersionFields = {
  "deck": {
    "kind": "text",
    "help": "the deck",
    "unit": "deck",
    "example": "retail",
    "isRequired": true
  },
  "version": {
    "kind": "whole",
    "help": "its version",
    "unit": "version",
    "example": "7",
    "isRequired": true
  }
} as const;

export const deckPruneFields = {
  "deck": {
    "kind": "text",
    "help": "the deck",
    "unit": "deck",
    "example": "retail",
    "isRequired": true
  },
  "keep": {
    "kind": "whole",
    "help": "how many old versions stay beside the current one",
    "unit": "versions",
    "example": "3",
    "isRequired": true
  }
} as const;

export const deckParentFields = {
  "deck": {
    "kind": "text",
    "help": "the deck",
    "unit": "deck",
    "example": "retail",
    "isRequired": true
  },
  "parent": {
    "kind": "text",
    "help": "the deck that it stands on",
    "unit": "deck",
    "example": "retail"
  },
  "markup_percent": {
    "kind": "text",
    "help": "added to each amount of a line of the parent, -100 to 1000 per cent; nothing when not given",
    "unit": "percent",
    "example": "12.5"
  },
  "markup_amount": {
    "kind": "amount",
    "help": "added to each price per minute of a line of the parent; nothing when not given",
    "unit": "amount",
    "example": "0.002"
  },
  "none": {
    "kind": "flag",
    "help": "it stands on no deck any more"
  }
} as const;

export const sheetKeepFields = {
  "deck": {
    "kind": "text",
    "help": "the deck that the sheets are imported into",
    "unit": "deck",
    "example": "carrier",
    "isRequired": true
  },
  "names": {
    "kind": "texts",
    "help": "the columns of the sheet, in its order; empty where it has no names",
    "unit": "names",
    "example": "Code,Destination,Rate",
    "isRequired": true
  },
  "meanings": {
    "kind": "texts",
    "help": "what each of them stands for: code, countryCode, name, price, secondPrice, fee, increments, initial, next, minimum, grace, free, steps, longest, from, until, change, blocked, removed, out",
    "unit": "meanings",
    "example": "code,name,price",
    "eachOf": [
      "code",
      "countryCode",
      "name",
      "price",
      "secondPrice",
      "fee",
      "increments",
      "initial",
      "next",
      "minimum",
      "grace",
      "free",
      "steps",
      "longest",
      "from",
      "until",
      "change",
      "blocked",
      "removed",
      "out"
    ],
    "isRequired": true
  },
  "separator": {
    "kind": "word",
    "help": "what separates its columns; a comma if not given",
    "unit": "separator",
    "example": "semicolon",
    "words": [
      "comma",
      "semicolon",
      "tab",
      "bar"
    ]
  },
  "increments": {
    "kind": "text",
    "help": "where the sheet has none",
    "unit": "increments",
    "example": "60/1"
  },
  "hyphen": {
    "kind": "word",
    "help": "what 425-426 means: a range, or a country with its area",
    "unit": "hyphen",
    "example": "range",
    "words": [
      "range",
      "pair"
    ]
  },
  "mark": {
    "kind": "word",
    "help": "the decimal mark",
    "unit": "mark",
    "example": "point",
    "words": [
      "point",
      "comma"
    ]
  },
  "order": {
    "kind": "word",
    "help": "how days are written: 31/12/2026, or 12/31/2026",
    "unit": "order",
    "example": "dmy",
    "words": [
      "dmy",
      "mdy"
    ]
  }
} as const;

export const sheetRemoveFields = {
  "deck": {
    "kind": "text",
    "help": "the deck that the sheets are imported into",
    "unit": "deck",
    "example": "carrier",
    "isRequired": true
  }
} as const;

export const scheduleSetFields = {
  "schedule": {
    "kind": "text",
    "help": "the schedule",
    "unit": "schedule",
    "example": "peak",
    "isRequired": true
  },
  "hours": {
    "kind": "text",
    "help": "days and hours on the wall: \"Mo-Fr 08:00-12:00,14:00-18:00; Sa,Su,PH 00:00-24:00\"; PH is a holiday of the calendar and then no weekday; 20:00-06:00 ends the next day",
    "unit": "hours",
    "example": "Mo-Fr 08:00-20:00"
  },
  "calendar": {
    "kind": "text",
    "help": "the calendar of holidays",
    "unit": "calendar",
    "example": "germany",
    "canBeNone": true
  },
  "priority": {
    "kind": "whole",
    "help": "of two that hold at an instant the higher counts; 0 if not given",
    "unit": "number",
    "example": "1"
  }
} as const;

export const scheduleRemoveFields = {
  "schedule": {
    "kind": "text",
    "help": "the schedule",
    "unit": "schedule",
    "example": "peak",
    "isRequired": true
  }
} as const;

export const holidaySetFields = {
  "calendar": {
    "kind": "text",
    "help": "the calendar of holidays",
    "unit": "calendar",
    "example": "germany",
    "isRequired": true
  },
  "day": {
    "kind": "text",
    "help": "the day on the wall",
    "unit": "day",
    "example": "2026-12-25",
    "isRequired": true
  },
  "name": {
    "kind": "text",
    "help": "its name, for people",
    "unit": "text",
    "example": "Heiligabend",
    "isRequired": true
  }
} as const;

export const holidayRemoveFields = {
  "calendar": {
    "kind": "text",
    "help": "the calendar of holidays",
    "unit": "calendar",
    "example": "germany",
    "isRequired": true
  },
  "day": {
    "kind": "text",
    "help": "the day on the wall",
    "unit": "day",
    "example": "2026-12-25",
    "isRequired": true
  }
} as const;

export const holidayFillFields = {
  "calendar": {
    "kind": "text",
    "help": "the calendar of holidays",
    "unit": "calendar",
    "example": "germany",
    "isRequired": true
  },
  "country": {
    "kind": "word",
    "help": "the country, or a part of one, by ISO 3166",
    "unit": "country",
    "example": "DE",
    "words": [
      "AT",
      "DE",
      "DE-BB",
      "DE-BE",
      "DE-BW",
      "DE-BY",
      "DE-HB",
      "DE-HE",
      "DE-HH",
      "DE-MV",
      "DE-NI",
      "DE-NW",
      "DE-RP",
      "DE-SH",
      "DE-SL",
      "DE-SN",
      "DE-ST",
      "DE-TH",
      "FR",
      "GB-ENG",
      "US"
    ],
    "isRequired": true
  },
  "from_year": {
    "kind": "whole",
    "help": "the first year",
    "unit": "year",
    "example": "2026",
    "isRequired": true
  },
  "until_year": {
    "kind": "whole",
    "help": "the last year, at most 49 later; the first if not given",
    "unit": "year",
    "example": "2026"
  }
} as const;

export const holidayImportFields = {
  "calendar": {
    "kind": "text",
    "help": "the calendar of holidays",
    "unit": "calendar",
    "example": "germany",
    "isRequired": true
  }
} as const;

export const trunkAddFields = {
  "trunk": {
    "kind": "text",
    "help": "the trunk",
    "unit": "trunk",
    "example": "carrier",
    "isRequired": true
  },
  "endpoint": {
    "kind": "text",
    "help": "what Asterisk dials, with {number} for the digits",
    "unit": "dial-string",
    "example": "PJSIP/{number}@carrier",
    "isRequired": true
  },
  "strip_digits": {
    "kind": "whole",
    "help": "how many digits are taken from the front of the number",
    "unit": "digits",
    "example": "2"
  },
  "add_prefix": {
    "kind": "text",
    "help": "digits that are put in front of it then",
    "unit": "digits",
    "example": "0"
  },
  "cost_deck": {
    "kind": "text",
    "help": "the deck of what the carrier charges us, for the margin in reports",
    "unit": "deck",
    "example": "wholesale",
    "canBeNone": true
  },
  "callee_codes": {
    "kind": "text",
    "help": "SIP statuses that are the callee's own word; every other tries the next route; numbers with commas, none for an empty list, default for the usual one (docs/refusals.md)",
    "unit": "codes",
    "example": "404,486,603"
  },
  "callee_causes": {
    "kind": "text",
    "help": "the same by Q.850 cause, for an Asterisk before 22.7; numbers with commas, none for an empty list, default for the usual one (docs/refusals.md)",
    "unit": "causes",
    "example": "1,17"
  },
  "next_on_busy": {
    "kind": "word",
    "help": "try the next route also when the callee is busy",
    "unit": "yes|no",
    "example": "yes",
    "words": [
      "yes",
      "no"
    ]
  },
  "enabled": {
    "kind": "word",
    "help": "no: as if its routes were not there; its numbers, emergency numbers too, go to the next shorter prefix",
    "unit": "yes|no",
    "example": "no",
    "words": [
      "yes",
      "no"
    ]
  }
} as const;

export const trunkSetFields = {
  "trunk": {
    "kind": "text",
    "help": "the trunk",
    "unit": "trunk",
    "example": "carrier",
    "isRequired": true
  },
  "endpoint": {
    "kind": "text",
    "help": "what Asterisk dials, with {number} for the digits",
    "unit": "dial-string",
    "example": "PJSIP/{number}@carrier"
  },
  "strip_digits": {
    "kind": "whole",
    "help": "how many digits are taken from the front of the number",
    "unit": "digits",
    "example": "2"
  },
  "add_prefix": {
    "kind": "text",
    "help": "digits that are put in front of it then",
    "unit": "digits",
    "example": "0"
  },
  "cost_deck": {
    "kind": "text",
    "help": "the deck of what the carrier charges us, for the margin in reports",
    "unit": "deck",
    "example": "wholesale",
    "canBeNone": true
  },
  "callee_codes": {
    "kind": "text",
    "help": "SIP statuses that are the callee's own word; every other tries the next route; numbers with commas, none for an empty list, default for the usual one (docs/refusals.md)",
    "unit": "codes",
    "example": "404,486,603"
  },
  "callee_causes": {
    "kind": "text",
    "help": "the same by Q.850 cause, for an Asterisk before 22.7; numbers with commas, none for an empty list, default for the usual one (docs/refusals.md)",
    "unit": "causes",
    "example": "1,17"
  },
  "next_on_busy": {
    "kind": "word",
    "help": "try the next route also when the callee is busy",
    "unit": "yes|no",
    "example": "yes",
    "words": [
      "yes",
      "no"
    ]
  },
  "enabled": {
    "kind": "word",
    "help": "no: as if its routes were not there; its numbers, emergency numbers too, go to the next shorter prefix",
    "unit": "yes|no",
    "example": "no",
    "words": [
      "yes",
      "no"
    ]
  }
} as const;

export const trunkRemoveFields = {
  "trunk": {
    "kind": "text",
    "help": "the trunk",
    "unit": "trunk",
    "example": "carrier",
    "isRequired": true
  }
} as const;

export const routeAddFields = {
  "prefix": {
    "kind": "text",
    "help": "digits that the number begins with; '' for any number",
    "unit": "digits",
    "example": "49",
    "isRequired": true
  },
  "trunk": {
    "kind": "text",
    "help": "the trunk",
    "unit": "trunk",
    "example": "carrier",
    "isRequired": true
  },
  "priority": {
    "kind": "whole",
    "help": "the lowest is tried first; 10 if not given",
    "unit": "number",
    "example": "1"
  }
} as const;

export const routeSetFields = {
  "prefix": {
    "kind": "text",
    "help": "digits that the number begins with; '' for any number",
    "unit": "digits",
    "example": "49",
    "isRequired": true
  },
  "trunk": {
    "kind": "text",
    "help": "the trunk",
    "unit": "trunk",
    "example": "carrier",
    "isRequired": true
  },
  "priority": {
    "kind": "whole",
    "help": "the lowest is tried first; 10 if not given",
    "unit": "number",
    "example": "1",
    "isRequired": true
  }
} as const;

export const routeRemoveFields = {
  "prefix": {
    "kind": "text",
    "help": "digits that the number begins with; '' for any number",
    "unit": "digits",
    "example": "49",
    "isRequired": true
  },
  "trunk": {
    "kind": "text",
    "help": "the trunk",
    "unit": "trunk",
    "example": "carrier",
    "isRequired": true
  }
} as const;

export const routeOrderFields = {
  "prefix": {
    "kind": "text",
    "help": "digits that the number begins with; '' for any number",
    "unit": "digits",
    "example": "49",
    "isRequired": true
  },
  "trunks": {
    "kind": "texts",
    "help": "every trunk of the prefix, the one that is tried first before the others",
    "unit": "trunks",
    "example": "carrier,backup",
    "isRequired": true
  }
} as const;

export const callHangupFields = {
  "uniqueid": {
    "kind": "text",
    "help": "the call",
    "unit": "uniqueid",
    "example": "ast1-1767225600.42",
    "isRequired": true
  }
} as const;

export const webhookAddFields = {
  "webhook": {
    "kind": "text",
    "help": "the webhook",
    "unit": "webhook",
    "example": "crm",
    "isRequired": true
  },
  "url": {
    "kind": "text",
    "help": "where events are posted to; private and loopback hosts: RINGFENCE_WEBHOOK_ALLOW",
    "unit": "url",
    "example": "https://crm.example/ringfence",
    "isRequired": true
  },
  "kinds": {
    "kind": "texts",
    "help": "only these kinds, separated by commas; docs/events.md lists them",
    "unit": "kinds",
    "example": "low_balance,blocked"
  },
  "account": {
    "kind": "text",
    "help": "only events of this account, which need not exist yet",
    "unit": "accountcode",
    "example": "alice"
  },
  "secret": {
    "kind": "text",
    "help": "a secret of your own in one line of 16 to 200 characters, which is not shown then",
    "unit": "secret",
    "example": "my-own-secret-0123456789"
  }
} as const;

export const webhookTestFields = {
  "webhook": {
    "kind": "text",
    "help": "the webhook",
    "unit": "webhook",
    "example": "crm",
    "isRequired": true
  }
} as const;

export const webhookPauseFields = {
  "webhook": {
    "kind": "text",
    "help": "the webhook",
    "unit": "webhook",
    "example": "crm",
    "isRequired": true
  }
} as const;

export const webhookResumeFields = {
  "webhook": {
    "kind": "text",
    "help": "the webhook",
    "unit": "webhook",
    "example": "crm",
    "isRequired": true
  }
} as const;

export const webhookRemoveFields = {
  "webhook": {
    "kind": "text",
    "help": "the webhook",
    "unit": "webhook",
    "example": "crm",
    "isRequired": true
  }
} as const;

export const webhookRetryFields = {
  "webhook": {
    "kind": "text",
    "help": "the webhook",
    "unit": "webhook",
    "example": "crm"
  },
  "event_id": {
    "kind": "texts",
    "help": "the numbers of the events, as \"webhook dead\" lists them",
    "unit": "event_id",
    "example": "4711,4712"
  },
  "all": {
    "kind": "flag",
    "help": "all of this webhook; without a name, of every webhook"
  }
} as const;

export const eventPruneFields = {
  "days": {
    "kind": "whole",
    "help": "how old they have to be",
    "unit": "days",
    "example": "30",
    "isRequired": true
  }
} as const;

export const keyCreateFields = {
  "name": {
    "kind": "text",
    "help": "the key",
    "unit": "name",
    "example": "crm",
    "isRequired": true
  },
  "roles": {
    "kind": "texts",
    "help": "what it may do, separated by commas: read, support, cashier, prices, admin, customer",
    "unit": "roles",
    "example": "read",
    "isRequired": true
  },
  "accountcode": {
    "kind": "text",
    "help": "the only account that a customer sees, for good; for the role customer alone",
    "unit": "accountcode",
    "example": "alice"
  },
  "addresses": {
    "kind": "texts",
    "help": "only from these addresses and networks, separated by commas; from all that may connect if not given",
    "unit": "addresses",
    "example": "10.0.0.7"
  },
  "expires": {
    "kind": "instant",
    "help": "when it ends; never if not given",
    "unit": "time",
    "example": "2027-12-31T00:00:00Z"
  }
} as const;

export const keyRotateFields = {
  "name": {
    "kind": "text",
    "help": "the key",
    "unit": "name",
    "example": "crm",
    "isRequired": true
  }
} as const;

export const keyRevokeFields = {
  "name": {
    "kind": "text",
    "help": "the key",
    "unit": "name",
    "example": "crm",
    "isRequired": true
  },
  "secret_number": {
    "kind": "whole",
    "help": "only the secret of this number, as \"key list\" shows it",
    "unit": "number",
    "example": "7"
  }
} as const;

export const operatorInviteFields = {
  "name": {
    "kind": "text",
    "help": "the person",
    "unit": "name",
    "example": "anna",
    "isRequired": true
  },
  "roles": {
    "kind": "texts",
    "help": "what the person may do, separated by commas: read, support, cashier, prices, admin, customer",
    "unit": "roles",
    "example": "support",
    "isRequired": true
  },
  "accountcode": {
    "kind": "text",
    "help": "the only account that a customer sees, for good; for the role customer alone",
    "unit": "accountcode",
    "example": "alice"
  },
  "mail": {
    "kind": "text",
    "help": "the person's address of mail",
    "unit": "address",
    "example": "anna@example.com"
  },
  "show_token": {
    "kind": "flag",
    "help": "show the token also where a mail took it to the person"
  }
} as const;

export const operatorSetFields = {
  "name": {
    "kind": "text",
    "help": "the person",
    "unit": "name",
    "example": "anna",
    "isRequired": true
  },
  "roles": {
    "kind": "texts",
    "help": "what the person may do, separated by commas: read, support, cashier, prices, admin, customer",
    "unit": "roles",
    "example": "support"
  },
  "mail": {
    "kind": "text",
    "help": "the person's address of mail",
    "unit": "address",
    "example": "anna@example.com",
    "canBeNone": true
  }
} as const;

export const operatorBlockFields = {
  "name": {
    "kind": "text",
    "help": "the person",
    "unit": "name",
    "example": "anna",
    "isRequired": true
  }
} as const;

export const operatorUnblockFields = {
  "name": {
    "kind": "text",
    "help": "the person",
    "unit": "name",
    "example": "anna",
    "isRequired": true
  }
} as const;

export const operatorResetFields = {
  "name": {
    "kind": "text",
    "help": "the person",
    "unit": "name",
    "example": "anna",
    "isRequired": true
  },
  "show_token": {
    "kind": "flag",
    "help": "show the token also where a mail took it to the person"
  }
} as const;

export const sessionRevokeFields = {
  "session_number": {
    "kind": "whole",
    "help": "the session, as \"session list\" shows it",
    "unit": "number",
    "example": "7",
    "isRequired": true
  }
} as const;

export const pinKeyRenewFields = {} as const;

export const cashierLimitFields = {
  "actor": {
    "kind": "text",
    "help": "the cashier, or the door, as the audit trail names it",
    "unit": "actor",
    "example": "key:till",
    "isRequired": true
  },
  "daily_limit": {
    "kind": "amount",
    "help": "the most of a day",
    "unit": "amount",
    "example": "500.00",
    "isRequired": true
  },
  "at_once": {
    "kind": "amount",
    "help": "the most of one movement, or of one card or voucher; stays as it is if not given",
    "unit": "amount",
    "example": "50.00",
    "canBeNone": true
  }
} as const;

export const approvalApproveFields = {
  "approval": {
    "kind": "whole",
    "help": "the number of the request, as \"approval list\" shows it",
    "unit": "number",
    "example": "17",
    "isRequired": true
  }
} as const;

export const approvalRefuseFields = {
  "approval": {
    "kind": "whole",
    "help": "the number of the request, as \"approval list\" shows it",
    "unit": "number",
    "example": "17",
    "isRequired": true
  }
} as const;

export const approvalWithdrawFields = {
  "approval": {
    "kind": "whole",
    "help": "the number of the request, as \"approval list\" shows it",
    "unit": "number",
    "example": "17",
    "isRequired": true
  }
} as const;

export const jobVerifyFields = {
  "since": {
    "kind": "instant",
    "help": "only what changed since then; all before it is taken as it is",
    "unit": "time",
    "example": "2026-11-01T00:00:00Z"
  }
} as const;

export const jobReconcileFields = {
  "from": {
    "kind": "instant",
    "help": "calls that started from then on, such as 2026-11-01 in your zone (TZ)",
    "unit": "time",
    "example": "2026-11-01T00:00:00Z",
    "isRequired": true
  },
  "to": {
    "kind": "instant",
    "help": "and before then; now if not given",
    "unit": "time",
    "example": "2026-12-01T00:00:00Z"
  },
  "tolerance": {
    "kind": "whole",
    "help": "talk that differs by no more is the same; 1 if not given",
    "unit": "seconds",
    "example": "1"
  }
} as const;

export const jobStopFields = {
  "job": {
    "kind": "whole",
    "help": "the number of the job, as \"job list\" shows it",
    "unit": "number",
    "example": "17",
    "isRequired": true
  }
} as const;
