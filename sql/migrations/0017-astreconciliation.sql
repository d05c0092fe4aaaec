CREATE OR REPLACE SQL SECURITY INVOKER VIEW astreconciliation AS
SELECT uniqueid, accountcode, node, start_at, billsec, switch_billsec, cost, corrections, switch_cost,
  cost - corrections - switch_cost AS amount, currency,
  CASE
    WHEN switch_billsec IS NOT NULL AND is_corrected = 1 AND cost - corrections = switch_cost THEN 'same'
    WHEN switch_billsec IS NOT NULL AND is_answered = switch_answered
      AND ABS(CAST(billsec AS SIGNED) - CAST(switch_billsec AS SIGNED)) <= 1
      AND cost - corrections IN (switch_cost, own_cost) THEN 'same'
    WHEN switch_billsec IS NOT NULL THEN 'talk_differs'
    WHEN is_answered = 1 AND switch_answered = 0 AND EXISTS (
      SELECT 1 FROM astcel near_call
      WHERE near_call.eventtime BETWEEN start_at - INTERVAL 10 MINUTE AND end_at + INTERVAL 10 MINUTE
        AND LEFT(near_call.uniqueid, CHAR_LENGTH(node) + 1) = CONCAT(node, '-')) THEN 'not_in_switch_records'
    ELSE 'not_comparable'
  END AS finding
FROM (
  SELECT priced.*,
    CASE WHEN switch_billsec IS NULL THEN NULL
      WHEN switch_answered = 0 OR switch_billsec < rate_grace_seconds THEN 0
      ELSE LEAST(max_cost, GREATEST(rate_minimum_charge, 0.000001 * FLOOR((59 + 1000000 * (60 * rate_connect_fee
        + rate_price_per_minute * (rate_initial_increment_seconds + CASE
          WHEN switch_billsec <= rate_initial_increment_seconds THEN 0
          ELSE rate_increment_seconds * ((switch_billsec - rate_initial_increment_seconds + rate_increment_seconds - 1)
            DIV rate_increment_seconds) END))) / 60)))
    END AS switch_cost,
    CASE WHEN is_answered = 0 OR billsec < rate_grace_seconds THEN 0
      ELSE LEAST(max_cost, GREATEST(rate_minimum_charge, 0.000001 * FLOOR((59 + 1000000 * (60 * rate_connect_fee
        + rate_price_per_minute * (rate_initial_increment_seconds + CASE
          WHEN billsec <= rate_initial_increment_seconds THEN 0
          ELSE rate_increment_seconds * ((billsec - rate_initial_increment_seconds + rate_increment_seconds - 1)
            DIV rate_increment_seconds) END))) / 60)))
    END AS own_cost
  FROM (
    SELECT ended.*,
      COALESCE(
        (SELECT GREATEST(0, TIMESTAMPDIFF(SECOND, ended.cel_answer, MIN(ends.eventtime))) FROM astcel ends
          WHERE ends.linkedid = ended.uniqueid AND ends.eventtime >= ended.cel_answer
            AND ends.eventtype IN ('BRIDGE_EXIT', 'HANGUP', 'CHAN_END')),
        ended.record_billsec,
        CASE WHEN ended.cel_answer IS NULL AND (ended.is_answered = 0 OR ended.records > 0) THEN 0 END
      ) AS switch_billsec,
      CASE WHEN ended.cel_answer IS NULL AND ended.record_billsec IS NULL THEN 0 ELSE 1 END AS switch_answered
    FROM (
      SELECT c.uniqueid, c.accountcode, c.node, c.start_at, c.end_at, c.billsec, c.cost, c.max_cost, c.currency,
        c.rate_price_per_minute, c.rate_connect_fee, c.rate_minimum_charge, c.rate_initial_increment_seconds,
        c.rate_increment_seconds, c.rate_grace_seconds,
        CASE WHEN c.answer_at IS NULL THEN 0 ELSE 1 END AS is_answered,
        (SELECT MAX(answers.eventtime) FROM astcel answers
          WHERE answers.linkedid = c.uniqueid AND answers.eventtype = 'ANSWER'
            AND answers.uniqueid <> answers.linkedid) AS cel_answer,
        (SELECT CAST(FLOOR(MAX(answered.billsec)) AS SIGNED) FROM astswitchcdr answered
          WHERE answered.linkedid = c.uniqueid AND answered.uniqueid = c.uniqueid
            AND answered.answer > '1970-01-01 00:00:00') AS record_billsec,
        (SELECT COUNT(*) FROM astswitchcdr records
          WHERE records.linkedid = c.uniqueid AND records.uniqueid = c.uniqueid) AS records,
        COALESCE((SELECT SUM(l.amount) FROM astledger l
          WHERE l.accountcode = c.accountcode AND l.kind = 'correction' AND l.reference = c.uniqueid), 0) AS corrections,
        EXISTS (SELECT 1 FROM astledger l
          WHERE l.accountcode = c.accountcode AND l.kind = 'correction' AND l.reference = c.uniqueid) AS is_corrected
      FROM astcdr c WHERE c.end_at IS NOT NULL
    ) AS ended
  ) AS priced
) AS compared
UNION ALL
SELECT linkedid, MAX(accountcode),
  LEFT(linkedid, CHAR_LENGTH(linkedid) - CHAR_LENGTH(SUBSTRING_INDEX(linkedid, '-', -1)) - 1),
  MIN(answered_at), NULL, MAX(talk), NULL, NULL, NULL, NULL, '', 'not_in_cdrs'
FROM (
  SELECT e.linkedid, e.accountcode, e.eventtime AS answered_at, NULL AS talk FROM astcel e
  WHERE e.eventtype = 'ANSWER' AND e.uniqueid LIKE 'rf-%'
  UNION ALL
  SELECT r.linkedid, r.accountcode, r.answer, CAST(FLOOR(r.billsec) AS SIGNED) FROM astswitchcdr r
  WHERE r.uniqueid = r.linkedid AND r.answer > '1970-01-01 00:00:00' AND r.accountcode <> ''
) AS switch_calls
WHERE NOT EXISTS (SELECT 1 FROM astcdr c WHERE c.uniqueid = switch_calls.linkedid)
GROUP BY linkedid
