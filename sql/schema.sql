-- The schema as MariaDB shows it after every migration. Rendered by:
--   RINGFENCE_TEST_WRITE_SCHEMA=1 npm test -- test/database

CREATE TABLE `astaccount` (
  `accountcode` varchar(80) NOT NULL COMMENT 'The channel''s accountcode; compared byte by byte, so Alice, alice and "alice " are three',
  `name` varchar(100) NOT NULL DEFAULT '' COMMENT 'Of the customer, for people; empty where it was not set',
  `currency` char(3) NOT NULL COMMENT 'ISO 4217 code of balance, credit_limit and reserved',
  `time_zone` varchar(64) NOT NULL DEFAULT 'UTC' COMMENT 'IANA name; decides on which day a rate is valid',
  `status` varchar(10) NOT NULL DEFAULT 'active' COMMENT 'active or blocked; a blocked account starts no call, and its calls are ended',
  `closed_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; when an operator closed it: it is blocked, takes no money and is left out of lists. NULL while it is open',
  `expires_at` datetime(3) DEFAULT NULL COMMENT 'UTC; from then on no call starts; NULL for never',
  `deck` varchar(40) NOT NULL COMMENT 'astratedeck.deck that its calls are rated with',
  `balance` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'Sum of the account''s entries in astledger',
  `entry_count` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'How many entries it has: the entry_number of the last one',
  `entry_hash` char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'The entry_hash of its last entry',
  `credit_limit` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'How far below zero calls may take the balance',
  `reserved` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'Sum of max_cost over the account''s rows in astcreditres; available = balance + credit_limit - reserved',
  `active_calls` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Number of the account''s rows in astcreditres',
  `max_channels` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Most calls at once, ringing ones counted; 0 for no limit',
  `max_call_seconds` int(10) unsigned DEFAULT NULL COMMENT 'Longest call; seconds, NULL for the service''s own limit',
  `barred_prefixes` varchar(1000) NOT NULL DEFAULT '' COMMENT 'Digits that dialled numbers may not begin with, separated by commas',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC',
  `kind` varchar(8) NOT NULL DEFAULT 'account' COMMENT 'account; or pool: made by the dialplan for a group of calls, its credit_limit is what they share, its balance 0 while it has no call',
  `mode` varchar(8) NOT NULL DEFAULT 'strict' COMMENT 'strict: a call reserves its longest talk; shared: a slice, which is extended before it runs out',
  `slice_seconds` int(10) unsigned NOT NULL DEFAULT 60 COMMENT 'Talk that a call of mode shared reserves at a time; seconds',
  `max_time` int(10) unsigned DEFAULT NULL COMMENT 'Most talk of all calls that overlap, together; seconds, NULL for no limit; counted anew when no call is up',
  `time_used` int(11) NOT NULL DEFAULT 0 COMMENT 'Talk of ended calls that counts against max_time, less what was added meanwhile; seconds',
  `time_reserved` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Sum of granted_seconds over the account''s calls in progress, emergency calls apart',
  `max_calls_per_second` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Most calls that start in one second of the switch''s clock; 0 for no limit',
  `started_second` bigint(20) unsigned NOT NULL DEFAULT 0 COMMENT 'Last second in which a call started, as a Unix time; kept where max_calls_per_second is set',
  `started_calls` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Calls that started in started_second',
  `warn_seconds` varchar(60) NOT NULL DEFAULT '60,20' COMMENT 'How long before the cut the caller is warned; seconds, separated by commas, empty for never',
  `warn_repeat_seconds` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'After the first warning, one more every so many seconds; 0 for none',
  `warn_sound` varchar(200) NOT NULL DEFAULT '' COMMENT 'What the warned caller hears, sound:beep or say; empty for the service''s own',
  `announce` varchar(20) NOT NULL DEFAULT '' COMMENT 'What the caller hears before the call: balance, time, or both separated by a comma; empty for nothing',
  `low_balance` decimal(20,6) DEFAULT NULL COMMENT 'Below this balance an event low_balance is told, once until it is a tenth above; NULL for never',
  `low_balance_told` tinyint(1) NOT NULL DEFAULT 0 COMMENT 'The balance was told to be low and has not recovered since',
  `is_short` tinyint(1) NOT NULL DEFAULT 0 COMMENT 'Some call was granted less than it asked for: whatever frees money has to be shared out anew',
  `hangup_before` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; calls that were let through before are to be ended; NULL for none',
  `touched_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; something changed that the services have to do for calls in progress',
  `is_card_blocked` tinyint(1) NOT NULL DEFAULT 0 COMMENT '1 where it was blocked together with its card, and not by hand: unblocking the card opens it',
  `max_spend_hour` decimal(20,6) DEFAULT NULL COMMENT 'Most that calls are charged, and hold, in an hour on the wall of time_zone; NULL for no limit',
  `max_spend_day` decimal(20,6) DEFAULT NULL COMMENT 'The same in a day',
  `max_spend_month` decimal(20,6) DEFAULT NULL COMMENT 'The same in a calendar month',
  `max_call_cost` decimal(20,6) DEFAULT NULL COMMENT 'The most that one call may cost; NULL for no limit',
  `max_price_per_minute` decimal(20,6) DEFAULT NULL COMMENT 'The dearest price per minute at which calls start; NULL for no limit',
  `spent_hour` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'Charges of the hour of spent_at, less what corrections gave back in it; kept where max_spend_hour is set',
  `spent_day` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'The same of its day; kept where max_spend_day is set',
  `spent_month` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'The same of its month; kept where max_spend_month is set',
  `spent_hour_after` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'The entry_number of the last entry before that hour: spent_hour is the sum behind it',
  `spent_day_after` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'The same of spent_day',
  `spent_month_after` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'The same of spent_month',
  `spent_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; when these were last counted, NULL for never',
  `spend_told` varchar(20) NOT NULL DEFAULT '' COMMENT 'Windows whose limit was told to be reached: hour, day, month, separated by commas',
  `spend_limit_action` varchar(8) NOT NULL DEFAULT 'refuse' COMMENT 'What a call beyond max_spend_hour, _day or _month meets. refuse: it is refused; block: the account is blocked too, and its calls are ended',
  PRIMARY KEY (`accountcode`),
  KEY `touched` (`touched_at`),
  KEY `listed` (`kind`,`status`,`closed_at`),
  KEY `expiring` (`expires_at`),
  KEY `of_deck` (`deck`),
  CONSTRAINT `astaccount_reserved` CHECK (`reserved` >= 0),
  CONSTRAINT `astaccount_credit_limit` CHECK (`credit_limit` >= 0),
  CONSTRAINT `astaccount_status` CHECK (`status` in ('active','blocked')),
  CONSTRAINT `astaccount_kind` CHECK (`kind` in ('account','pool')),
  CONSTRAINT `astaccount_mode` CHECK (`mode` in ('strict','shared')),
  CONSTRAINT `astaccount_slice` CHECK (`slice_seconds` >= 1),
  CONSTRAINT `astaccount_closed` CHECK (`closed_at` is null or `status` = 'blocked'),
  CONSTRAINT `astaccount_max_spend` CHECK (`max_spend_hour` >= 0 and `max_spend_day` >= 0 and `max_spend_month` >= 0 and `max_call_cost` >= 0 and `max_price_per_minute` >= 0),
  CONSTRAINT `astaccount_spend_limit_action` CHECK (`spend_limit_action` in ('refuse','block'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Who pays: balance, limits and the sum of what is ring-fenced';

CREATE TABLE `astalarm` (
  `reporter` varchar(200) NOT NULL COMMENT 'The process that reports it, as in astlease.owner',
  `alarm` varchar(40) NOT NULL COMMENT 'What is wrong: switch_login_refused, endpoint_open',
  `subject` varchar(150) NOT NULL COMMENT 'With what: the name or the address of a switch',
  `details` varchar(500) NOT NULL COMMENT 'What that means, and what to do',
  `since_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock; when it was first reported',
  `seen_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock; reported again every 15 s while it lasts: one older than 60 s counts no more',
  PRIMARY KEY (`reporter`,`alarm`,`subject`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='What services find wrong around them and cannot correct; rows may be deleted';

CREATE TABLE `astapikey` (
  `api_key_id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Number of the secret, never used again',
  `api_key` varchar(40) NOT NULL COMMENT 'Name of the key; two secrets of one name may be alive, so that one can follow the other',
  `secret_hash` char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the secret, hexadecimal: the secret itself is nowhere',
  `roles` varchar(100) NOT NULL COMMENT 'What it may do: read, support, cashier, prices, admin, separated by commas; or customer alone',
  `accountcode` varchar(80) DEFAULT NULL COMMENT 'astaccount.accountcode of a customer, which sees this account alone; NULL for every other role',
  `addresses` varchar(1000) NOT NULL DEFAULT '' COMMENT 'Addresses and networks that may use it, separated by commas; empty for all',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  `expires_at` datetime(3) DEFAULT NULL COMMENT 'UTC; NULL for never',
  `revoked_at` datetime(3) DEFAULT NULL COMMENT 'UTC; NULL where it was not revoked',
  `last_used_at` datetime(3) DEFAULT NULL COMMENT 'UTC, to the minute',
  `last_used_from` varchar(45) DEFAULT NULL COMMENT 'Address of that use',
  PRIMARY KEY (`api_key_id`),
  UNIQUE KEY `secret` (`secret_hash`),
  KEY `named` (`api_key`),
  KEY `astapikey_account` (`accountcode`),
  CONSTRAINT `astapikey_account` FOREIGN KEY (`accountcode`) REFERENCES `astaccount` (`accountcode`),
  CONSTRAINT `astapikey_customer` CHECK (`roles` = 'customer' = (`accountcode` is not null))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Programs that may use the operator''s API';

CREATE TABLE `astapproval` (
  `approval_id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Number of the request, with gaps',
  `state` varchar(10) NOT NULL DEFAULT 'open' COMMENT 'open, approved, refused or withdrawn; an open one has expired at expires_at',
  `accountcode` varchar(80) NOT NULL COMMENT 'astaccount.accountcode',
  `kind` varchar(12) NOT NULL COMMENT 'top_up, refund or adjustment, as astledger has it',
  `amount` decimal(20,6) NOT NULL COMMENT 'Added to the balance when it is approved',
  `currency` char(3) NOT NULL COMMENT 'Currency of the account',
  `reference` varchar(150) NOT NULL COMMENT 'As astledger will have it',
  `of_call` tinyint(3) unsigned NOT NULL COMMENT '1 if the reference must be a call''s',
  `overdraw` tinyint(3) unsigned NOT NULL COMMENT '1 if it may take more than is available',
  `reason` varchar(255) NOT NULL COMMENT 'Why, in the words of the actor that asked',
  `requested_by` varchar(100) NOT NULL COMMENT 'The actor that asked',
  `created_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock',
  `expires_at` datetime(3) NOT NULL COMMENT 'UTC; from then on it cannot be approved',
  `decided_by` varchar(100) DEFAULT NULL COMMENT 'The actor that approved, refused or withdrew it; NULL while it is open',
  `decided_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; NULL while it is open',
  `decision_id` char(36) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'astaudit.request_id of the decision; NULL while it is open',
  PRIMARY KEY (`approval_id`),
  KEY `cause` (`accountcode`,`kind`,`reference`),
  KEY `waiting` (`requested_by`,`state`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Movements of money that wait for a second person, and what became of them';

CREATE TABLE `astaudit` (
  `audit_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Order of writing, with gaps',
  `request_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The request that made the change; a change of many rows has several audit rows',
  `actor` varchar(100) NOT NULL COMMENT 'cli:<unix user> on the command line',
  `address` varchar(45) DEFAULT NULL COMMENT 'Where the request came from over HTTP; NULL on the command line',
  `operation` varchar(60) NOT NULL COMMENT 'As the command line names it: account set, trunk remove',
  `object` varchar(250) NOT NULL COMMENT 'What was changed: account alice, route 49 carrier',
  `state_before` text DEFAULT NULL COMMENT 'JSON: the fields that changed, as they were; NULL for something new',
  `state_after` text DEFAULT NULL COMMENT 'JSON: the same fields after the change; NULL for something removed',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (`audit_id`),
  UNIQUE KEY `once` (`request_id`,`object`),
  KEY `object` (`object`,`audit_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Every change that an operator made, written in its own transaction; rows are only ever added';

CREATE TABLE `astauditchain` (
  `chain_number` bigint(20) unsigned NOT NULL COMMENT 'Place in the chain: 1, 2, 3 without a gap',
  `audit_id` bigint(20) unsigned NOT NULL COMMENT 'astaudit.audit_id',
  `chain_hash` char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 over the row of astaudit and the hash of the place before, which is empty for the first: docs/ledger.md',
  PRIMARY KEY (`chain_number`),
  UNIQUE KEY `audit_row` (`audit_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='The rows of astaudit in the order in which they were chained, a moment after their COMMIT; rows are only ever added';

CREATE TABLE `astauditpending` (
  `audit_id` bigint(20) unsigned NOT NULL COMMENT 'astaudit.audit_id, written in the same transaction',
  `since_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (`audit_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Rows of astaudit that are not in the chain yet';

CREATE TABLE `astbooks` (
  `only_row` tinyint(3) unsigned NOT NULL DEFAULT 1 COMMENT 'Always 1: there is one row',
  `books_id` char(36) NOT NULL COMMENT 'Name of these books, made by chance: by it a service sees that a switch carries the calls of another database',
  PRIMARY KEY (`only_row`),
  CONSTRAINT `astbooks_only_row` CHECK (`only_row` = 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Which books these are: one row';

CREATE TABLE `astbrowser` (
  `token_hash` char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of what the browser holds, hexadecimal: that itself is nowhere',
  `operator_id` int(10) unsigned NOT NULL COMMENT 'astoperator.operator_id: no other person is known by it',
  `last_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock; the last log-in from there',
  PRIMARY KEY (`token_hash`),
  KEY `person` (`operator_id`,`last_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='In which browsers each person has logged in: tries of strangers delay no log-in from there, at its own address either';

CREATE TABLE `astcaller` (
  `number` varchar(32) NOT NULL COMMENT 'The caller''s number: digits, without + or 00',
  `accountcode` varchar(80) NOT NULL COMMENT 'astaccount.accountcode that pays for its calls without a PIN',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (`number`),
  KEY `account` (`accountcode`),
  KEY `created` (`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Callers that are known by their number';

CREATE TABLE `astcard` (
  `serial` bigint(20) unsigned NOT NULL COMMENT 'Number of the card; its account is card-<serial>',
  `batch` varchar(40) NOT NULL COMMENT 'Name of the batch that it was generated in',
  `code_hash` binary(32) NOT NULL COMMENT 'Slow hash of the PIN, with a key that is not in the database (RINGFENCE_PIN_KEY)',
  `code_key` char(8) NOT NULL COMMENT 'Which key that was: a print of it',
  `status` varchar(10) NOT NULL DEFAULT 'generated' COMMENT 'generated: can do nothing; active: its account is there, and its PIN is taken; blocked: neither',
  `value` decimal(20,6) NOT NULL COMMENT 'What its account opens with; in the currency of the deck',
  `currency` char(3) NOT NULL COMMENT 'ISO 4217 code of value, that of the deck',
  `deck` varchar(40) NOT NULL COMMENT 'astratedeck.deck that its account is opened with',
  `expires_at` datetime(3) DEFAULT NULL COMMENT 'UTC; what its account is opened with; NULL for never',
  `expires_days` int(10) unsigned DEFAULT NULL COMMENT 'Days after its first use when its account expires, where that is earlier; NULL for never',
  `accountcode` varchar(80) DEFAULT NULL COMMENT 'astaccount.accountcode, from its activation on',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  `activated_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock',
  `first_used_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; when a caller was first let in with it',
  `last_used_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; when a caller was last let in with it',
  PRIMARY KEY (`serial`),
  UNIQUE KEY `code` (`code_hash`),
  UNIQUE KEY `account` (`accountcode`),
  KEY `batch` (`batch`,`serial`),
  KEY `activated` (`activated_at`),
  KEY `batch_status` (`batch`,`status`),
  CONSTRAINT `astcard_status` CHECK (`status` in ('generated','active','blocked')),
  CONSTRAINT `astcard_value` CHECK (`value` >= 0),
  CONSTRAINT `astcard_account` CHECK (`accountcode` is null = (`activated_at` is null) and (`status` <> 'active' or `accountcode` is not null))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Calling cards: PINs that stand for accounts';

CREATE TABLE `astcashier` (
  `actor` varchar(100) NOT NULL COMMENT 'As the audit trail names the actor: key:till, or the door rating:main',
  `daily_limit` decimal(20,6) NOT NULL COMMENT 'The most that it may move in a UTC day as a cashier or a door, of each currency',
  `at_once_limit` decimal(20,6) DEFAULT NULL COMMENT 'The most of one movement, or of one card or voucher; NULL for the limit of the day alone',
  PRIMARY KEY (`actor`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Limits of cashiers, and of doors that move money; the row is locked while one of its movements is decided';

CREATE TABLE `astcashierday` (
  `actor` varchar(100) NOT NULL COMMENT 'astcashier.actor',
  `day` date NOT NULL COMMENT 'UTC, by the database''s clock',
  `currency` char(3) NOT NULL COMMENT 'ISO 4217',
  `amount` decimal(20,6) NOT NULL COMMENT 'What it topped up, and the value of cards and vouchers that it activated; of a door what it took too',
  PRIMARY KEY (`actor`,`day`,`currency`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='What each cashier, and each door, moved on each day, written with the movement';

CREATE TABLE `astcdr` (
  `uniqueid` varchar(150) NOT NULL COMMENT 'uniqueid of the caller''s channel',
  `accountcode` varchar(80) NOT NULL COMMENT 'astaccount.accountcode that pays',
  `node` varchar(80) NOT NULL COMMENT 'The switch that carried the call',
  `src` varchar(80) NOT NULL DEFAULT '' COMMENT 'Caller''s number, only harmless characters kept',
  `dst` varchar(32) NOT NULL DEFAULT '' COMMENT 'Dialled number, digits without + or 00; empty when it was refused as invalid',
  `trunk` varchar(40) NOT NULL DEFAULT '' COMMENT 'asttrunk.trunk that was dialled last; empty when none was',
  `start_at` datetime(3) NOT NULL COMMENT 'UTC, by the switch''s clock; the call arrived',
  `answer_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the switch''s clock; the called leg was answered; NULL if never',
  `end_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the switch''s clock; the first leg ended; NULL while the call is in progress',
  `duration` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Whole seconds from start_at to end_at, truncated',
  `billsec` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Whole seconds from answer_at to end_at, truncated, as Asterisk counts',
  `billed_seconds` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Seconds that were charged: billsec rounded up to whole increments, within the grant',
  `overrun_seconds` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Seconds of talk beyond granted_seconds; they are not charged',
  `cost` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'What the call cost, never more than max_cost',
  `currency` char(3) NOT NULL DEFAULT '' COMMENT 'ISO 4217 code of cost, max_cost and the rate',
  `disposition` varchar(16) DEFAULT NULL COMMENT 'ANSWERED, NO ANSWER, BUSY, CONGESTION or FAILED, as in Asterisk''s CDR; NULL while in progress',
  `hangup_cause` smallint(5) unsigned DEFAULT NULL COMMENT 'Q.850 cause; NULL while in progress',
  `hangup_source` varchar(16) DEFAULT NULL COMMENT 'Who ended it: caller, callee, limit, operator, service; NULL while in progress',
  `evidence` varchar(10) DEFAULT NULL COMMENT 'How the end is known: event (told as it happened), cel or cdr (the switch''s own records, read later), proxy (what a SIP proxy noted itself, read later), sighting (the last time that the switch was seen with the call up), none (nobody told it and the switch was never seen: an answered call is charged to its limit); NULL while in progress',
  `refusal` varchar(40) DEFAULT NULL COMMENT 'Why the call was not let through (insufficient_balance and so on); NULL when it was',
  `max_cost` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'What is ring-fenced for the call, the cost of granted_seconds; of an ended call what last was',
  `granted_seconds` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Longest talk that is granted, slices added up; seconds, 0 while the call waits for room in its pool',
  `rate_deck` varchar(40) NOT NULL DEFAULT '' COMMENT 'Rate applied: its deck',
  `rate_version` bigint(20) unsigned NOT NULL DEFAULT 0 COMMENT 'Rate applied: the deck''s version',
  `rate_prefix` varchar(32) NOT NULL DEFAULT '' COMMENT 'Rate applied: its prefix',
  `rate_destination` varchar(100) NOT NULL DEFAULT '' COMMENT 'Rate applied: its destination',
  `rate_price_per_minute` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'Rate applied: price of 60 billed seconds',
  `rate_connect_fee` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'Rate applied: charged once per answered call',
  `rate_minimum_charge` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'Rate applied: least cost of an answered call',
  `rate_initial_increment_seconds` int(10) unsigned NOT NULL DEFAULT 1 COMMENT 'Rate applied: first block; seconds',
  `rate_increment_seconds` int(10) unsigned NOT NULL DEFAULT 1 COMMENT 'Rate applied: blocks after the first; seconds',
  `rate_grace_seconds` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Rate applied: a shorter call costs nothing; seconds',
  `trunk_cost` decimal(20,6) DEFAULT NULL COMMENT 'What the carrier charges for the call, by the trunk''s cost deck and in its currency; NULL when unknown',
  `trunk_currency` char(3) DEFAULT NULL COMMENT 'ISO 4217 code of trunk_cost',
  `cap_seconds` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Longest talk that service, account and rate allow however much money there is; seconds',
  `is_fixed` tinyint(1) NOT NULL DEFAULT 0 COMMENT '1 where only the call''s own switch may ask for another limit (SEMS and other doors, calls that the dialplan dials): never shortened for others',
  `hangup_wanted` tinyint(1) NOT NULL DEFAULT 0 COMMENT 'an operator wanted the call ended while it was up: it is granted nothing more',
  `cut_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the switch''s clock; when Ringfence hung up what was left of a call whose end nobody had heard: what the switch tells of that moment or later is no evidence of the talk',
  `dialog` binary(16) DEFAULT NULL COMMENT 'MD5 of the INVITE that the call came by, as the dialplan told it; NULL where it told none, and where nobody answered: such an INVITE may come again',
  `rate_free_seconds` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Rate applied: the first seconds of the talk, which are not billed; 0 for none',
  `rate_steps` varchar(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Rate applied: other prices from a second of the talk on, as in astrate.steps; empty for none',
  `rate_times` varchar(4000) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Rate applied: other prices that the call may meet by the time of day, with the instants from which they count (docs/pricing.md); empty for none',
  `rate_markups` varchar(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Rate applied: what was added to the amounts of its line, because the deck of the account stands on that of the line (docs/pricing.md), in this order; empty for nothing',
  PRIMARY KEY (`uniqueid`),
  KEY `account_calls` (`accountcode`,`start_at`),
  KEY `started` (`start_at`),
  KEY `open_calls` (`end_at`),
  KEY `dialogs` (`dialog`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Call detail records; a row with end_at NULL is a call in progress';

CREATE TABLE `astcel` (
  `cel_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Order of writing',
  `eventtype` varchar(30) NOT NULL DEFAULT '' COMMENT 'ANSWER, HANGUP, BRIDGE_ENTER, BRIDGE_EXIT, CHAN_END or LINKEDID_END',
  `eventtime` datetime(6) NOT NULL COMMENT 'UTC, by the switch''s clock',
  `uniqueid` varchar(150) NOT NULL DEFAULT '' COMMENT 'The leg: the caller''s is astcdr.uniqueid, a called one is rf-<that>-<number>; the switch''s name is part of it',
  `linkedid` varchar(150) NOT NULL DEFAULT '' COMMENT 'uniqueid of the first leg of the call',
  `accountcode` varchar(80) NOT NULL DEFAULT '' COMMENT 'The channel''s accountcode',
  `channame` varchar(200) NOT NULL DEFAULT '' COMMENT 'Name of the channel: PJSIP/alice-0000002a',
  `extra` varchar(1000) NOT NULL DEFAULT '' COMMENT 'JSON; of HANGUP: hangupcause (Q.850), hangupsource, dialstatus',
  PRIMARY KEY (`cel_id`),
  KEY `call_events` (`linkedid`),
  KEY `events` (`eventtime`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Asterisk''s own journal of every leg (CEL), as its cel_odbc writes it; rows may be pruned by eventtime';

CREATE TABLE `astcreditres` (
  `uniqueid` varchar(150) NOT NULL COMMENT 'astcdr.uniqueid of the call in progress',
  `accountcode` varchar(80) NOT NULL COMMENT 'astaccount.accountcode whose money is ring-fenced',
  `node` varchar(80) NOT NULL COMMENT 'The switch that carries the call',
  `max_cost` decimal(20,6) NOT NULL COMMENT 'The most that the call may cost, in the account''s currency: the cost of granted_seconds',
  `granted_seconds` int(10) unsigned NOT NULL COMMENT 'Longest talk that max_cost pays for; the switch hangs up then',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  `expires_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock; the call cannot be alive after this',
  PRIMARY KEY (`uniqueid`),
  KEY `account_reservations` (`accountcode`),
  CONSTRAINT `astcreditres_max_cost` CHECK (`max_cost` >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Money ring-fenced for calls in progress; one row per open call, deleted when it is settled';

CREATE TABLE `astdeckschedule` (
  `version` bigint(20) unsigned NOT NULL COMMENT 'astratedeckversion.version',
  `schedule` varchar(40) NOT NULL COMMENT 'A schedule that a line of this version names: it cannot be removed',
  PRIMARY KEY (`version`,`schedule`),
  KEY `astdeckschedule_schedule` (`schedule`),
  CONSTRAINT `astdeckschedule_schedule` FOREIGN KEY (`schedule`) REFERENCES `astschedule` (`schedule`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Which schedules the versions of rate decks name';

CREATE TABLE `astdelivery` (
  `webhook_id` int(10) unsigned NOT NULL COMMENT 'astwebhook.webhook_id',
  `event_id` bigint(20) unsigned NOT NULL COMMENT 'astoutbox.event_id',
  `state` varchar(10) NOT NULL DEFAULT 'waiting' COMMENT 'waiting; delivered: the receiver answered 2xx; dead: given up, until an operator retries it',
  `attempts` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Tries that were begun since it began to wait',
  `next_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock; not to be tried before. A try that begins moves it ahead, so that nobody else tries meanwhile',
  `last_status` smallint(5) unsigned DEFAULT NULL COMMENT 'HTTP status of the last try; NULL where there was no answer',
  `last_error` varchar(200) NOT NULL DEFAULT '' COMMENT 'What was wrong with the last try; empty for nothing',
  `ended_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; when it was delivered or given up, NULL while it waits',
  `down_seconds_before` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'astwebhook.down_seconds when it began to wait: 27 hours later it is given up',
  PRIMARY KEY (`webhook_id`,`event_id`),
  KEY `due` (`webhook_id`,`state`,`next_at`),
  KEY `event` (`event_id`),
  KEY `ended` (`ended_at`),
  CONSTRAINT `astdelivery_state` CHECK (`state` in ('waiting','delivered','dead')),
  CONSTRAINT `astdelivery_ended` CHECK (`state` = 'waiting' = (`ended_at` is null))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='One event on its way to one webhook';

CREATE TABLE `astfeed` (
  `feed_number` bigint(20) unsigned NOT NULL COMMENT 'Place of the event in the order in which listeners get it: 1, 2, 3 without a gap, but for rows that were pruned',
  `event_id` bigint(20) unsigned NOT NULL COMMENT 'astoutbox.event_id',
  PRIMARY KEY (`feed_number`),
  UNIQUE KEY `event` (`event_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='The events in the order in which listeners of the API get them: a number is written when all smaller ones are committed';

CREATE TABLE `astfence` (
  `node` varchar(80) NOT NULL COMMENT 'astlease.node',
  `lane` int(10) unsigned NOT NULL COMMENT 'A connection of the owner; each has a row of its own',
  `epoch` bigint(20) unsigned NOT NULL COMMENT 'astlease.epoch; a transaction for another one is refused',
  `seq` bigint(20) unsigned NOT NULL DEFAULT 0 COMMENT 'Counts the transactions; written by each, so that it and a take-over exclude each other',
  PRIMARY KEY (`node`,`lane`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='What every transaction for a switch writes, so that a former owner cannot commit one';

CREATE TABLE `astholiday` (
  `calendar` varchar(40) NOT NULL COMMENT 'Name of the calendar; it is there while it has a day',
  `day` date NOT NULL COMMENT 'A day on the wall',
  `name` varchar(100) NOT NULL COMMENT 'Name of the holiday, for people',
  PRIMARY KEY (`calendar`,`day`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Holidays of calendars, which schedules name';

CREATE TABLE `astidempotency` (
  `actor` varchar(100) NOT NULL COMMENT 'Who asked, as the audit trail names it',
  `idempotency_key` varchar(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The header Idempotency-Key of the request',
  `request_id` char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'The request, as the audit trail names it',
  `fingerprint` char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the operation and its fields, secrets left out, hexadecimal',
  `status` smallint(5) unsigned DEFAULT NULL COMMENT 'HTTP status of the answer; NULL while a change in several steps is not done',
  `version` char(32) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'Version of what was edited, the ETag; NULL where nothing was edited',
  `answer` mediumtext DEFAULT NULL COMMENT 'The answer as JSON; NULL where it held a secret',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  `held_by` char(36) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'The request that makes a change in several steps now; NULL while none does',
  `held_until` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; no other request makes it before. Moved on while it is made: after that instant its process has died, or stands still',
  PRIMARY KEY (`actor`,`idempotency_key`),
  KEY `age` (`created_at`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Changes that the operator''s API was asked for, and its answers: the same request again changes nothing';

CREATE TABLE `astjob` (
  `job_id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Number of the job, with gaps',
  `kind` varchar(10) NOT NULL COMMENT 'verify or reconcile',
  `parameters` text NOT NULL COMMENT 'What it must look at, as JSON',
  `state` varchar(10) NOT NULL DEFAULT 'waiting' COMMENT 'waiting, running, done, failed or stopped',
  `is_running` tinyint(3) unsigned DEFAULT NULL COMMENT '1 while it runs, else NULL: unique, so one job runs at a time over all services',
  `asked_by` varchar(100) NOT NULL COMMENT 'The actor that asked, as the audit trail names it',
  `asked_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock',
  `started_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; NULL until a service has begun it',
  `ended_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; NULL while it waits or runs',
  `service` varchar(200) DEFAULT NULL COMMENT 'The process that runs it or ran it: host, pid and what tells it from others; NULL until one has begun it',
  `alive_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; when that process last showed that it works on it',
  `step` varchar(20) DEFAULT NULL COMMENT 'What it does now, or did last; NULL before its first sign',
  `done` bigint(20) unsigned DEFAULT NULL COMMENT 'How much of that step is done: rows read, or of a comparison seconds of its time; NULL if that is not known',
  `total` bigint(20) unsigned DEFAULT NULL COMMENT 'How much that step is in all; NULL if that is not known',
  `stop_by` varchar(100) DEFAULT NULL COMMENT 'The actor that asked to stop it; NULL if none did',
  `failure` varchar(500) DEFAULT NULL COMMENT 'Why it failed; NULL if it did not',
  `outcome` text DEFAULT NULL COMMENT 'How much was looked at, and sums, as JSON; NULL until it is done',
  `difference_count` int(10) unsigned DEFAULT NULL COMMENT 'How many differences it found; NULL until it is done',
  `differences` mediumtext DEFAULT NULL COMMENT 'The first 1,000 of them, as JSON; NULL until it is done',
  PRIMARY KEY (`job_id`),
  UNIQUE KEY `one_at_a_time` (`is_running`),
  KEY `open_ones` (`state`),
  CONSTRAINT `astjob_running` CHECK (`state` = 'running' = (`is_running` is not null))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Proofs of the books that services run for the operator''s API, with their results';

CREATE TABLE `astlease` (
  `node` varchar(80) NOT NULL COMMENT 'Name of the switch: Asterisk''s systemname',
  `owner` varchar(200) NOT NULL DEFAULT '' COMMENT 'The process that acts for the switch: host, pid and what tells it from others; empty for none',
  `epoch` bigint(20) unsigned NOT NULL DEFAULT 0 COMMENT 'Number of the lease: one more at each change of owner',
  `acquired_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; since when the owner has it',
  `expires_at` datetime(3) NOT NULL DEFAULT '2000-01-01 00:00:00.000' COMMENT 'UTC, by the database''s clock; from then on anybody may take it',
  PRIMARY KEY (`node`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Which process acts for which switch';

CREATE TABLE `astledger` (
  `entry_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Order of writing, with gaps',
  `accountcode` varchar(80) NOT NULL COMMENT 'astaccount.accountcode',
  `entry_number` int(10) unsigned NOT NULL COMMENT 'Which entry of its account it is: 1, 2, 3 without a gap',
  `kind` varchar(12) NOT NULL COMMENT 'top_up, call_charge, refund, adjustment, correction or pool_closed',
  `reference` varchar(150) NOT NULL COMMENT 'Its cause: the uniqueid of the call for a call_charge, a correction and a pool_closed (the pool''s last call), the operator''s own reference otherwise; moves money once',
  `amount` decimal(20,6) NOT NULL COMMENT 'Added to the balance: negative for a charge; in the account''s currency',
  `balance_after` decimal(20,6) NOT NULL COMMENT 'The account''s balance after this entry',
  `reason` varchar(255) NOT NULL DEFAULT '' COMMENT 'Why, in the operator''s words',
  `actor` varchar(100) NOT NULL DEFAULT '' COMMENT 'Who moved the money: cli:<unix user>, or the door that asked; empty for what a call itself caused',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  `entry_hash` char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 over this entry and the hash of the one before it, which is empty for the first: docs/ledger.md',
  PRIMARY KEY (`entry_id`),
  UNIQUE KEY `cause` (`accountcode`,`kind`,`reference`),
  UNIQUE KEY `chain` (`accountcode`,`entry_number`),
  CONSTRAINT `astledger_kind` CHECK (`kind` in ('top_up','call_charge','refund','adjustment','correction','pool_closed')),
  CONSTRAINT `astledger_sign` CHECK (`kind` = 'call_charge' and `amount` < 0 or `kind` in ('top_up','refund') and `amount` > 0 or `kind` in ('adjustment','correction','pool_closed') and `amount` <> 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Every movement of money; rows are only ever added';

CREATE TABLE `astlogin` (
  `operator_id` int(10) unsigned NOT NULL COMMENT 'astoperator.operator_id',
  `place` varchar(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'IPv4 address, or the first 64 bits of an IPv6 address',
  `last_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock; the last log-in from there',
  PRIMARY KEY (`operator_id`,`place`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='From where each person has logged in: tries of strangers delay no log-in from there';

CREATE TABLE `astmigration` (
  `number` int(10) unsigned NOT NULL COMMENT 'Number of the file in sql/migrations',
  `name` varchar(100) NOT NULL COMMENT 'Name of the file',
  `checksum` char(64) NOT NULL COMMENT 'SHA-256 of the file',
  `applied_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC',
  PRIMARY KEY (`number`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Migrations that were applied';

CREATE TABLE `astnode` (
  `node` varchar(80) NOT NULL COMMENT 'Name of the switch: Asterisk''s systemname',
  `seen_at` datetime(3) NOT NULL COMMENT 'UTC, by the switch''s clock; until then all open calls of this switch were known to be up',
  `switch_started_at` datetime(3) NOT NULL COMMENT 'UTC; when the switch was started, by its own word; a later start has lost its calls',
  PRIMARY KEY (`node`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='When each switch was last seen: the end of a call that ended unseen';

CREATE TABLE `astoperator` (
  `operator_id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Number of the person, never used again',
  `operator` varchar(40) NOT NULL COMMENT 'Name by which the person logs in, in small letters; the audit trail has operator: before it',
  `roles` varchar(100) NOT NULL COMMENT 'What the person may do: read, support, cashier, prices, admin, separated by commas; or customer alone',
  `accountcode` varchar(80) DEFAULT NULL COMMENT 'astaccount.accountcode of a customer, who sees this account alone; NULL for every other role',
  `mail` varchar(254) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'Address to which invitations and new passwords are sent; NULL for none',
  `blocked_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; since then the person cannot log in. NULL where the person is not blocked',
  `password_hash` varchar(200) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'Slow hash of the password, with its scheme, parameters and salt; NULL until the person has chosen a password',
  `password_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; when the password was chosen',
  `token_hash` char(64) CHARACTER SET ascii COLLATE ascii_bin DEFAULT NULL COMMENT 'SHA-256 of the one-time token by which the person chooses a password, hexadecimal; NULL when it was used',
  `token_expires_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; when that token ends',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  `last_login_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock',
  `last_login_from` varchar(45) DEFAULT NULL COMMENT 'Address of that log-in',
  PRIMARY KEY (`operator_id`),
  UNIQUE KEY `named` (`operator`),
  UNIQUE KEY `token` (`token_hash`),
  KEY `astoperator_account` (`accountcode`),
  CONSTRAINT `astoperator_account` FOREIGN KEY (`accountcode`) REFERENCES `astaccount` (`accountcode`),
  CONSTRAINT `astoperator_password` CHECK (`password_hash` is null = (`password_at` is null)),
  CONSTRAINT `astoperator_token` CHECK (`token_hash` is null = (`token_expires_at` is null)),
  CONSTRAINT `astoperator_customer` CHECK (`roles` = 'customer' = (`accountcode` is not null))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='People who may use the operator''s API';

CREATE TABLE `astoutbox` (
  `event_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Order of writing, with gaps; names the event for its receivers',
  `kind` varchar(30) NOT NULL COMMENT 'authorised, answered, extended, settled and so on: docs/events.md',
  `accountcode` varchar(80) NOT NULL COMMENT 'astaccount.accountcode that it is about',
  `uniqueid` varchar(150) DEFAULT NULL COMMENT 'astcdr.uniqueid of the call; NULL where it is about the whole account',
  `facts` varchar(2000) NOT NULL COMMENT 'JSON: what changed, amounts as decimal texts, instants as UTC',
  `actor` varchar(100) NOT NULL DEFAULT '' COMMENT 'Who made the change: cli:<unix user>, or the door that asked; empty for what a call itself caused',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  `dispatched` tinyint(1) NOT NULL DEFAULT 0 COMMENT 'It was handed to every webhook that wants it',
  PRIMARY KEY (`event_id`),
  KEY `undispatched` (`dispatched`,`event_id`),
  KEY `account` (`accountcode`,`event_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='What changed, one row for each change, written in its own transaction; rows may be pruned when dispatched';

CREATE TABLE `astpintry` (
  `who` varchar(100) NOT NULL COMMENT 'caller:<number>, or all for every caller together; actor:<actor> of the API, or actors for all of them',
  `tries` int(10) unsigned NOT NULL COMMENT 'PINs and codes that were entered and not right, or are being looked at',
  `since_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock; when the counting began, or the limit was reached',
  PRIMARY KEY (`who`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Who tries PINs, so that nobody tries many; rows may be deleted, which lets their callers try again';

CREATE TABLE `astrate` (
  `version` bigint(20) unsigned NOT NULL COMMENT 'astratedeckversion.version',
  `prefix` varchar(32) NOT NULL COMMENT 'Digits that the dialled number begins with; the longest that fits wins; empty for any number',
  `line` int(10) unsigned NOT NULL COMMENT 'Line of the imported file; one prefix may have several, for different dates',
  `destination` varchar(100) NOT NULL COMMENT 'Name of the destination, for people',
  `price_per_minute` decimal(20,6) NOT NULL COMMENT 'Price of 60 billed seconds, in the deck''s currency',
  `connect_fee` decimal(20,6) NOT NULL COMMENT 'Charged once per answered call',
  `minimum_charge` decimal(20,6) NOT NULL COMMENT 'Least cost of an answered call outside its grace',
  `initial_increment_seconds` int(10) unsigned NOT NULL COMMENT 'First block of talk, billed whole; seconds',
  `increment_seconds` int(10) unsigned NOT NULL COMMENT 'Blocks after the first, billed whole; seconds',
  `grace_seconds` int(10) unsigned NOT NULL COMMENT 'A call shorter than this costs nothing; seconds, 0 for none',
  `max_seconds` int(10) unsigned DEFAULT NULL COMMENT 'Longest call at this rate; seconds, NULL for no limit of its own',
  `valid_from` date DEFAULT NULL COMMENT 'First day, in the account''s time zone; NULL for always',
  `valid_until` date DEFAULT NULL COMMENT 'Last day, in the account''s time zone; NULL for ever',
  `is_blocked` tinyint(1) NOT NULL DEFAULT 0 COMMENT '1 where calls to the prefix are refused, whatever a shorter prefix costs',
  `free_seconds` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'The first seconds of the talk, which are not billed; 0 for none',
  `steps` varchar(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Other prices from a second of the talk on: 180:0.05/6 600:0.02/1 is 0.05 a minute by 6 s from second 180 on, and 0.02 by the second from 600 on; empty for none',
  `schedule` varchar(40) NOT NULL DEFAULT '' COMMENT 'astschedule.schedule by which the line counts; empty where it counts while none of its prefix holds',
  PRIMARY KEY (`version`,`prefix`,`line`),
  CONSTRAINT `astrate_prices` CHECK (`price_per_minute` >= 0 and `connect_fee` >= 0 and `minimum_charge` >= 0),
  CONSTRAINT `astrate_increments` CHECK (`initial_increment_seconds` >= 1 and `increment_seconds` >= 1)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='The lines of the rate decks; never changed, only added with a new version';

CREATE TABLE `astratedeck` (
  `deck` varchar(40) NOT NULL COMMENT 'Name of the rate deck',
  `currency` char(3) NOT NULL COMMENT 'ISO 4217 code of every price in the deck; an account uses only decks of its own currency',
  `version` bigint(20) unsigned NOT NULL DEFAULT 0 COMMENT 'The version that new calls are rated with (astratedeckversion.version); 0 before the first import',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC',
  `parent` varchar(40) DEFAULT NULL COMMENT 'astratedeck.deck that it stands on: prefixes that it lacks have the prices of that one, with its markup (docs/pricing.md); NULL for none',
  `markup_percent` decimal(10,6) NOT NULL DEFAULT 0.000000 COMMENT 'Added to each amount of a line of parent, per cent; below zero for less',
  `markup_amount` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'Added to each price per minute of a line of parent, in currency; below zero for less',
  PRIMARY KEY (`deck`),
  KEY `parents` (`parent`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Price lists; an import makes a new version and then moves one pointer';

CREATE TABLE `astratedeckversion` (
  `version` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Number of the import, over all decks',
  `deck` varchar(40) NOT NULL COMMENT 'astratedeck.deck',
  `source` varchar(255) NOT NULL COMMENT 'Name of the file that was imported',
  `rates` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'Number of rates in this version',
  `longest_prefix` tinyint(3) unsigned NOT NULL DEFAULT 32 COMMENT 'Digits of its longest prefix: no more of a number need be compared',
  `started_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC; when the import began',
  `progress_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC; when the import last wrote; one without progress for a quarter of an hour is dead and is removed by the next',
  `imported_at` datetime(3) DEFAULT NULL COMMENT 'UTC; when it became the current version; NULL if it did not',
  `removed_at` datetime(3) DEFAULT NULL COMMENT 'UTC; when an operator had it deleted, whose rates are being deleted since; NULL for all others',
  `currency` char(3) DEFAULT NULL COMMENT 'ISO 4217 code of its prices; NULL while it is loaded, and of versions from before this column',
  `compared_with` bigint(20) unsigned DEFAULT NULL COMMENT 'astratedeckversion.version that was current when it was loaded; 0 if there was none, NULL as currency',
  `changes` text DEFAULT NULL COMMENT 'JSON: what it changes against compared_with, by prefix; NULL if there was none',
  `loaded_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; when all its rates were there: from then on it waits a day to become current. NULL while it is loaded or deleted',
  `keeps_of` bigint(20) unsigned NOT NULL DEFAULT 0 COMMENT 'astratedeckversion.version that was current and that some of its prices are from (astrate.line from 1000000000 on); 0 if all are from its file',
  PRIMARY KEY (`version`),
  KEY `deck_versions` (`deck`,`version`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='One row per import of a rate deck';

CREATE TABLE `astrecoverycode` (
  `operator_id` int(10) unsigned NOT NULL COMMENT 'astoperator.operator_id',
  `code_hash` char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of the code, hexadecimal: it holds 80 bits of chance',
  PRIMARY KEY (`operator_id`,`code_hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Codes by which a person logs in without the authenticator; one that was used is deleted';

CREATE TABLE `astroute` (
  `route_id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Number of the route',
  `prefix` varchar(32) NOT NULL COMMENT 'Digits that the dialled number begins with; only the routes of the longest prefix that fits are tried',
  `priority` int(10) unsigned NOT NULL COMMENT 'The lowest is tried first',
  `trunk` varchar(40) NOT NULL COMMENT 'asttrunk.trunk',
  PRIMARY KEY (`route_id`),
  UNIQUE KEY `prefix_trunk` (`prefix`,`trunk`),
  KEY `astroute_trunk` (`trunk`),
  CONSTRAINT `astroute_trunk` FOREIGN KEY (`trunk`) REFERENCES `asttrunk` (`trunk`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Which trunks carry which numbers, in which order';

CREATE TABLE `astschedule` (
  `schedule` varchar(40) NOT NULL COMMENT 'Name, as price lists have it',
  `hours` varchar(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'Days and hours on the wall: Mo-Fr 08:00-20:00; Sa,Su,PH 00:00-24:00; PH is a holiday of the calendar',
  `calendar` varchar(40) NOT NULL DEFAULT '' COMMENT 'astholiday.calendar whose days are PH and no weekday; empty for none',
  `priority` smallint(5) unsigned NOT NULL DEFAULT 0 COMMENT 'Of two schedules that hold at an instant the higher counts; of equal ones the first by name',
  PRIMARY KEY (`schedule`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='When lines of price lists count; an account''s time zone decides what the wall shows';

CREATE TABLE `astsecondfactor` (
  `operator_id` int(10) unsigned NOT NULL COMMENT 'astoperator.operator_id',
  `secret` varchar(200) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'What the person''s authenticator knows, encrypted with a key that is not in the database (RINGFENCE_PIN_KEY)',
  `confirmed_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; since then a log-in needs a code. NULL until the person has shown a first one',
  `last_step` bigint(20) unsigned DEFAULT NULL COMMENT 'Half minute since 1970 of the last code that was accepted: no code of it or of an earlier one is accepted again',
  PRIMARY KEY (`operator_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Second factors of people: codes of an authenticator (TOTP, RFC 6238)';

CREATE TABLE `astsession` (
  `session_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Number of the session, never used again',
  `token_hash` char(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'SHA-256 of what the person''s browser holds, hexadecimal: that itself is nowhere',
  `operator_id` int(10) unsigned NOT NULL COMMENT 'astoperator.operator_id',
  `address` varchar(45) NOT NULL COMMENT 'Address from which the person logged in',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock; the session ends 12 h later at the latest',
  `used_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock, to the minute; the session ends 30 minutes after its last use',
  PRIMARY KEY (`session_id`),
  UNIQUE KEY `token` (`token_hash`),
  KEY `person` (`operator_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='People who are logged in; a session that is ended is deleted';

CREATE TABLE `astsheet` (
  `deck` varchar(40) NOT NULL COMMENT 'astratedeck.deck that the carrier''s sheets are imported into; it need not exist yet',
  `reading` text NOT NULL COMMENT 'JSON: the columns of the sheet with what each means, and how its cells are read',
  `kept_by` varchar(100) NOT NULL COMMENT 'The actor, as in astaudit.actor',
  `kept_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (`deck`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='How the sheets of a carrier are read, one row for each deck: for the next file of the same carrier';

CREATE TABLE `astswitchcdr` (
  `switchcdr_id` bigint(20) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Order of writing',
  `uniqueid` varchar(150) NOT NULL DEFAULT '' COMMENT 'The leg that the record is of; the switch''s name is part of it',
  `linkedid` varchar(150) NOT NULL DEFAULT '' COMMENT 'uniqueid of the first leg of the call: astcdr.uniqueid',
  `accountcode` varchar(80) NOT NULL DEFAULT '' COMMENT 'The channel''s accountcode',
  `src` varchar(80) NOT NULL DEFAULT '' COMMENT 'Caller''s number, as it arrived',
  `dst` varchar(80) NOT NULL DEFAULT '' COMMENT 'Dialled number, as it arrived',
  `channel` varchar(200) NOT NULL DEFAULT '' COMMENT 'Name of the leg''s channel',
  `dstchannel` varchar(200) NOT NULL DEFAULT '' COMMENT 'Name of the channel that it talked to',
  `start` datetime NOT NULL COMMENT 'UTC, by the switch''s clock, whole seconds; the leg was made',
  `answer` datetime DEFAULT NULL COMMENT 'UTC, whole seconds; the leg was answered; 1970-01-01 for never',
  `end` datetime NOT NULL COMMENT 'UTC, whole seconds; the leg ended',
  `duration` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'Seconds from start to end',
  `billsec` decimal(20,6) NOT NULL DEFAULT 0.000000 COMMENT 'Seconds from answer to end; 0 for never answered',
  `disposition` varchar(45) NOT NULL DEFAULT '' COMMENT 'ANSWERED, NO ANSWER, BUSY, FAILED or CONGESTION',
  PRIMARY KEY (`switchcdr_id`),
  KEY `call_records` (`linkedid`),
  KEY `records` (`start`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Asterisk''s own call records, one a leg, as its cdr_adaptive_odbc writes them; rows may be pruned by start';

CREATE TABLE `asttrunk` (
  `trunk` varchar(40) NOT NULL COMMENT 'Name of the carrier''s trunk',
  `enabled` tinyint(1) NOT NULL DEFAULT 1 COMMENT '0: no call is sent to it, as if its routes were not there',
  `endpoint` varchar(200) NOT NULL COMMENT 'What Asterisk dials, with {number} for the digits: PJSIP/{number}@carrier',
  `strip_digits` tinyint(3) unsigned NOT NULL DEFAULT 0 COMMENT 'Digits taken from the front of the number before dialling',
  `add_prefix` varchar(20) NOT NULL DEFAULT '' COMMENT 'Digits put in front of the number before dialling',
  `cost_deck` varchar(40) DEFAULT NULL COMMENT 'astratedeck.deck of what the carrier charges us; NULL when not known',
  `callee_codes` varchar(200) DEFAULT NULL COMMENT 'SIP statuses, as 404,486, by which this trunk tells the callee''s own refusal, which ends the call; every other tries the next route. NULL for the default of docs/refusals.md',
  `callee_causes` varchar(200) DEFAULT NULL COMMENT 'The same by Q.850 cause, as 1,17, where Asterisk does not tell the SIP status (before 22.7). NULL for the default',
  `next_on_busy` tinyint(1) NOT NULL DEFAULT 0 COMMENT '1: the next route is tried also when the callee is busy',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC',
  `removed_at` datetime(3) DEFAULT NULL COMMENT 'UTC; when an operator removed it: from then on it is there only for the cost of calls that began before',
  PRIMARY KEY (`trunk`),
  KEY `asttrunk_cost_deck` (`cost_deck`),
  CONSTRAINT `asttrunk_cost_deck` FOREIGN KEY (`cost_deck`) REFERENCES `astratedeck` (`deck`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Carriers that calls are sent to';

CREATE TABLE `astverify` (
  `kind` varchar(12) NOT NULL COMMENT 'What was read: whole: every row; since_proof: what follows an earlier proof; since_time: what changed since a time',
  `verified_at` datetime(3) NOT NULL COMMENT 'UTC, by the database''s clock; when the last one of this kind ended',
  `differences` int(10) unsigned NOT NULL COMMENT 'How many differences it found: 0 if the books balance',
  `elapsed_ms` int(10) unsigned NOT NULL COMMENT 'How long it took',
  `actor` varchar(100) NOT NULL COMMENT 'Who ran it: cli:<unix user>',
  PRIMARY KEY (`kind`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='What the last verify of each kind found, for monitoring';

CREATE TABLE `astvoucher` (
  `serial` bigint(20) unsigned NOT NULL COMMENT 'Number of the voucher; its entry in astledger has the reference voucher-<serial>',
  `batch` varchar(40) NOT NULL COMMENT 'Name of the batch that it was generated in',
  `code_hash` binary(32) NOT NULL COMMENT 'Slow hash of the code, with a key that is not in the database (RINGFENCE_PIN_KEY)',
  `code_key` char(8) NOT NULL COMMENT 'Which key that was: a print of it',
  `status` varchar(10) NOT NULL DEFAULT 'generated' COMMENT 'generated: can do nothing; active: may be redeemed; blocked; redeemed: its money is on an account',
  `value` decimal(20,6) NOT NULL COMMENT 'What it adds to an account',
  `currency` char(3) NOT NULL COMMENT 'ISO 4217 code of value; the account''s has to be the same',
  `expires_at` datetime(3) DEFAULT NULL COMMENT 'UTC; not redeemed from then on; NULL for never',
  `accountcode` varchar(80) DEFAULT NULL COMMENT 'astaccount.accountcode whose top-up it was; NULL until it is redeemed',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  `activated_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock',
  `redeemed_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock',
  PRIMARY KEY (`serial`),
  UNIQUE KEY `code` (`code_hash`),
  KEY `batch` (`batch`,`serial`),
  KEY `redeemed` (`redeemed_at`),
  KEY `batch_status` (`batch`,`status`),
  CONSTRAINT `astvoucher_status` CHECK (`status` in ('generated','active','blocked','redeemed')),
  CONSTRAINT `astvoucher_value` CHECK (`value` > 0),
  CONSTRAINT `astvoucher_account` CHECK (`status` = 'redeemed' = (`accountcode` is not null) and `accountcode` is null = (`redeemed_at` is null))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Top-up vouchers: codes that add money to an account, once';

CREATE TABLE `astwebhook` (
  `webhook_id` int(10) unsigned NOT NULL AUTO_INCREMENT COMMENT 'Number of the webhook, never used again',
  `webhook` varchar(40) NOT NULL COMMENT 'Its name',
  `url` varchar(500) NOT NULL COMMENT 'Where events are posted to',
  `secret` varchar(200) NOT NULL COMMENT 'Key of the signature, as the receiver has it: not for the eyes of reporting users',
  `kinds` varchar(1000) NOT NULL DEFAULT '' COMMENT 'Kinds of events that it wants, separated by commas; empty for all',
  `accountcode` varchar(80) DEFAULT NULL COMMENT 'It wants only events of this account; NULL for all',
  `status` varchar(10) NOT NULL DEFAULT 'active' COMMENT 'active; paused: its events wait; removed: being removed, gets no more',
  `created_at` datetime(3) NOT NULL DEFAULT current_timestamp(3) COMMENT 'UTC, by the database''s clock',
  `down_seconds` int(10) unsigned NOT NULL DEFAULT 0 COMMENT 'How long it was tried and took nothing, all in all; seconds. Time in which it was paused or no service ran is left out',
  `down_at` datetime(3) DEFAULT NULL COMMENT 'UTC, by the database''s clock; until when that is counted, NULL while it takes events',
  PRIMARY KEY (`webhook_id`),
  UNIQUE KEY `webhook` (`webhook`),
  CONSTRAINT `astwebhook_status` CHECK (`status` in ('active','paused','removed'))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_nopad_bin COMMENT='Who is told of changes';
