-- What the database users of Ringfence, and that of Asterisk, may do. Nothing here is run by Ringfence itself.
--
-- Change the addresses and passwords, and the schema `ringfence` where yours has another name. Then, as the server's
-- administrator: once the part "Users"; `RINGFENCE_DATABASE_URL=mysql://ringfence_migrate:…@…/ringfence ringfence migrate`;
-- and after every `migrate` the part "Service", as a new table has no grant yet. Whatever runs `ringfence` otherwise (serve and
-- every other command) uses mysql://ringfence:…@…/ringfence.

-- Users

CREATE USER IF NOT EXISTS 'ringfence_migrate'@'127.0.0.1' IDENTIFIED BY 'change-me-1';
CREATE USER IF NOT EXISTS 'ringfence'@'127.0.0.1' IDENTIFIED BY 'change-me-2';
GRANT ALL PRIVILEGES ON ringfence.* TO 'ringfence_migrate'@'127.0.0.1';

-- Service

-- An entry is never changed or deleted, not even by whoever takes over the service.
GRANT SELECT, INSERT ON ringfence.astledger TO 'ringfence'@'127.0.0.1';
-- Nor is what the audit trail says.
GRANT SELECT, INSERT ON ringfence.astaudit TO 'ringfence'@'127.0.0.1';
-- Nor does an account or a call disappear.
GRANT SELECT, INSERT, UPDATE ON ringfence.astaccount TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON ringfence.astcdr TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON ringfence.astcard TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON ringfence.astvoucher TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astcreditres TO 'ringfence'@'127.0.0.1';
-- A rate line is never changed; an import that failed is removed.
GRANT SELECT, INSERT, DELETE ON ringfence.astrate TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE ON ringfence.astratedeck TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astratedeckversion TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.asttrunk TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astroute TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astcaller TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astpintry TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astnode TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astlease TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astfence TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astalarm TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astoutbox TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astdelivery TO 'ringfence'@'127.0.0.1';
GRANT SELECT, INSERT, UPDATE, DELETE ON ringfence.astwebhook TO 'ringfence'@'127.0.0.1';
-- The id of the books is made once.
GRANT SELECT, INSERT ON ringfence.astbooks TO 'ringfence'@'127.0.0.1';
-- The switch's own records are only read.
GRANT SELECT ON ringfence.astcel TO 'ringfence'@'127.0.0.1';
GRANT SELECT ON ringfence.astswitchcdr TO 'ringfence'@'127.0.0.1';
GRANT SELECT ON ringfence.astmigration TO 'ringfence'@'127.0.0.1';

-- Asterisk

-- Only where Asterisk writes its records into the database (cel_odbc, cdr_adaptive_odbc): it writes them, and reads which columns there are.
CREATE USER IF NOT EXISTS 'asterisk'@'127.0.0.1' IDENTIFIED BY 'change-me-3';
GRANT INSERT, SELECT ON ringfence.astcel TO 'asterisk'@'127.0.0.1';
GRANT INSERT, SELECT ON ringfence.astswitchcdr TO 'asterisk'@'127.0.0.1';
