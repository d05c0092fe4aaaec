-- The rights of the database users of Ringfence and of Asterisk. Ringfence itself runs nothing of this file.
--
-- Change the addresses and passwords, and the schema `ringfence` if yours has another name. Then, as the server's administrator:
-- 1. Run the part "Users", once.
-- 2. Run `RINGFENCE_DATABASE_URL=mysql://ringfence_migrate:…@…/ringfence ringfence migrate`.
-- 3. Run the part "Service" after every `migrate`, because a new table has no grant yet.
-- Every other command, serve included, uses mysql://ringfence:…@…/ringfence.

-- Users

CREATE USER IF NOT EXISTS 'ringfence_migrate'@'127.0.0.1' IDENTIFIED BY 'change-me-1';
CREATE USER IF NOT EXISTS 'ringfence'@'127.0.0.1' IDENTIFIED BY 'change-me-2';
GRANT ALL PRIVILEGES ON ringfence.* TO 'ringfence_migrate'@'127.0.0.1';

-- Service

-- No UPDATE and no DELETE: even an attacker who takes over the service can neither change nor delete an entry.
GRANT SELECT, INSERT ON ringfence.astledger TO 'ringfence'@'127.0.0.1';
-- The same for the audit trail and its chain.
GRANT SELECT, INSERT ON ringfence.astaudit TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT ON ringfence.astauditchain TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, DELETE ON ringfence.astauditpending TO 'ringfence'@'127.0.0.1';
-- No DELETE: accounts, calls, cards and vouchers do not disappear.
GRANT SELECT, INSERT, UPDATE ON ringfence.astaccount TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON ringfence.astcdr TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON ringfence.astcashier TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON ringfence.astcashierday TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON ringfence.astcard TO 'ringfence'@'127.0.0.1';
-- Keys are revoked, never forgotten.
GRANT SELECT, INSERT, UPDATE ON ringfence.astapikey TO 'ringfence'@'127.0.0.1';
-- So are people: they are blocked.
GRANT SELECT, INSERT, UPDATE ON ringfence.astoperator TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astsession TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astlogin TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astbrowser TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astsecondfactor TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, DELETE ON ringfence.astrecoverycode TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON ringfence.astvoucher TO 'ringfence'@'127.0.0.1';
-- What is deleted here is in the audit trail.
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astapproval TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astcreditres TO 'ringfence'@'127.0.0.1';
-- A rate line is never changed. A failed import is removed.
GRANT SELECT, INSERT, DELETE ON ringfence.astrate TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON ringfence.astratedeck TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astratedeckversion TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.asttrunk TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astroute TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astschedule TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astholiday TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, DELETE ON ringfence.astdeckschedule TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astsheet TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astcaller TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astpintry TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astnode TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astlease TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astfence TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astalarm TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astoutbox TO 'ringfence'@'127.0.0.1';
-- A place in the feed is never changed.
GRANT SELECT, INSERT, DELETE ON ringfence.astfeed TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astdelivery TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astjob TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astidempotency TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astwebhook TO 'ringfence'@'127.0.0.1';
-- What the last proof of the books found takes the place of the one before.
GRANT SELECT, INSERT, UPDATE ON ringfence.astverify TO 'ringfence'@'127.0.0.1';
-- The id of the books is written once.
GRANT SELECT, INSERT ON ringfence.astbooks TO 'ringfence'@'127.0.0.1';
-- The service only reads the switch's own records.
GRANT SELECT ON ringfence.astcel TO 'ringfence'@'127.0.0.1';
GRANT SELECT ON ringfence.astswitchcdr TO 'ringfence'@'127.0.0.1';
GRANT SELECT ON ringfence.astmigration TO 'ringfence'@'127.0.0.1';

-- Asterisk

-- Only if Asterisk writes its records into the database (cel_odbc, cdr_adaptive_odbc). It writes them, and reads which columns the tables have.
CREATE USER IF NOT EXISTS 'asterisk'@'127.0.0.1' IDENTIFIED BY 'change-me-3';
GRANT INSERT, SELECT ON ringfence.astcel TO 'asterisk'@'127.0.0.1';
GRANT INSERT, SELECT ON ringfence.astswitchcdr TO 'asterisk'@'127.0.0.1';
