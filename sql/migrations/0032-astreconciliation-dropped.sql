DROP VIEW IF EXISTS astreconciliation
