/** The English words of how a call’s price was checked, what was held for it, and the balance before and after. */
export const explainedEn = {
  verdicts: {
    same: 'comes out',
    corrected: 'corrected later',
    in_progress: 'in progress',
  },
  says: {
    same: (cost: string) => `Computed anew from its own record the call costs ${cost}, and that was charged.`,
    corrected: (cost: string) =>
      `Computed anew from its own record the call costs ${cost}, and that was charged when it ended. A correction changed it later.`,
    in_progress: 'It is charged when it has ended.',
  },
  differs: 'These three should be one amount, and are not.',
  amounts: { computed: 'Computed anew', recorded: 'In the record of the call', charged: 'Taken from the balance' },
  whatToDo: {
    operator: 'Prove the books: “ringfence verify”, or a new proof on the desk, says what else does not agree.',
    customer: 'Tell your provider.',
  },
  held: (currency: string) => `Held for it, ${currency}`,
  holds: {
    authorised: 'At the start',
    extended: 'Extended',
    shrunk: 'Gave some back to other calls',
  },
  heldLast: 'Held',
  paysFor: (talk: string) => `pays for ${talk} of talk`,
  atEnd: 'At its end: charged',
  givenBack: (amount: string) => `${amount} given back`,
  nothingBack: 'nothing left to give back',
  longest: (talk: string) => `However much money there is, it may last ${talk}: by service, account and rate.`,
  balance: (currency: string) => `The balance before and after, ${currency}`,
  noMovement: 'No money moved.',
};

export type ExplainedTexts = typeof explainedEn;
