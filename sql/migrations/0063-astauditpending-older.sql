-- In portions of astaudit by audit_id, where audit_id NOT IN (SELECT audit_id FROM astauditpending).
INSERT IGNORE INTO astauditpending (audit_id) SELECT audit_id FROM astaudit WHERE audit_id BETWEEN :first AND :last
