/** Talk beyond a call's limit from which it is an alarm: a switch may take a moment to end a call. Seconds. */
export const OVERRUN_ALARM_SECONDS = 3;
