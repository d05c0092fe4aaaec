/** What a switch wrote down of one call in its own records. */
export interface WrittenCall {
  source: 'cel' | 'cdr';
  /** The called leg that was answered (`rf-…-2`); null when none was. */
  answeredLeg: string | null;
  /** ms since 1970 by the switch's clock; null when never answered. */
  answerAt: number | null;
  /** First leg's end; null while it has not been written. */
  endAt: number | null;
  /** Q.850 of the leg that ended first; null unknown. */
  hangupCause: number | null;
  /** As far as the records tell; null unknown. */
  hangupSource: 'caller' | 'callee' | null;
}

/** The switches' own records, best first: the journal of events (CEL), else the call records (CDR). */
export interface SwitchRecords {
  /**
   * What the switch wrote down of these calls; a call of which nothing is written is missing. Rejects only when nothing could
   * be asked at all.
   */
  of(node: string, calls: readonly { uniqueid: string; startAt: number }[]): Promise<Map<string, WrittenCall>>;
}
