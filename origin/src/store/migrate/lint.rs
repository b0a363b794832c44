//! Migrations run while the release before them serves. So they only go forward, and take no lock for long
//! on a table that may be large and busy; a table that a migration makes itself is neither.

use std::collections::BTreeSet;

use super::SHOP;

/// What a statement may do wrong, and what to do instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    /// The release before still uses it: stop using it, and drop it a release later.
    Drops,
    /// The release before knows the old name: add a new one, write both, move on.
    Renames,
    /// It rewrites the table under a lock: add another column.
    Retypes,
    /// It locks out writers while it is built: `concurrently`, in a file that begins `-- no-transaction`.
    Index,
    /// `concurrently` in a transaction is refused by Postgres.
    Transaction,
    /// It reads the table under a lock: `not valid`, and `validate constraint` in the next migration.
    Constraint,
    /// It reads the table under a lock: a valid `check (… is not null)` first.
    NotNull,
    /// Rows that are there have no value: give a default.
    NoDefault,
    /// It locks all rows at once: do it in steps, outside of a migration.
    WholeTable,
}

const UNRELEASED: &str = "before the first release: no shop has rows in these tables";

/// The faults that stand, each with its reason.
const STANDING: &[(i64, Fault, &str)] = &[
    (20_261_125_000_011, Fault::Index, UNRELEASED),
    (20_261_125_000_011, Fault::Constraint, UNRELEASED),
    (20_261_125_000_021, Fault::Constraint, UNRELEASED),
    (20_261_125_000_022, Fault::Index, UNRELEASED),
    (20_261_125_000_022, Fault::Constraint, UNRELEASED),
    (20_261_126_000_042, Fault::Constraint, UNRELEASED),
    (20_261_126_000_061, Fault::Index, UNRELEASED),
    (20_261_126_000_061, Fault::Constraint, UNRELEASED),
    (20_261_126_000_064, Fault::Constraint, UNRELEASED),
    (20_261_127_000_001, Fault::Index, UNRELEASED),
    (20_261_127_000_001, Fault::NotNull, UNRELEASED),
    (20_261_127_000_002, Fault::Drops, UNRELEASED),
    (20_261_127_000_002, Fault::Renames, UNRELEASED),
    (20_261_127_000_002, Fault::WholeTable, UNRELEASED),
];

/// Statements without comments, in lower case, with single blanks; bodies of functions are left out.
fn statements(sql: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(text) = rest.strip_prefix('\'') {
            text.find('\'').map_or(rest.len(), |end| end + 2)
        } else if let Some(body) = rest.strip_prefix("$$") {
            body.find("$$").map_or(rest.len(), |end| end + 4)
        } else {
            match first {
                ';' => found.push(String::new()),
                _ => found.last_mut().unwrap().push(first.to_ascii_lowercase()),
            }
            first.len_utf8()
        };
        rest = &rest[skipped..];
    }
    let words = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let all = found.into_iter().map(words);
    all.filter(|text| !text.is_empty()).collect()
}

/// The word behind a phrase, if the statement has it.
fn behind<'a>(statement: &'a str, phrase: &str) -> Option<&'a str> {
    let at = statement.find(phrase)? + phrase.len();
    let rest = statement[at..].trim_start().trim_start_matches("only ");
    let end = |c: char| c.is_whitespace() || c == '(';
    rest.split(end).next().filter(|word| !word.is_empty())
}

/// What is wrong with a migration.
fn faults(sql: &str) -> BTreeSet<Fault> {
    let statements = statements(sql);
    let made: BTreeSet<&str> = statements
        .iter()
        .filter_map(|statement| {
            behind(statement, "create table ")
                .or_else(|| behind(statement, "create unlogged table "))
        })
        .collect();
    let alone = sql.starts_with("-- no-transaction");
    let mut found = BTreeSet::new();
    for statement in &statements {
        let is = |phrase: &str| statement.contains(phrase);
        if statement.starts_with("drop table") || statement.starts_with("truncate") {
            found.insert(Fault::Drops);
        }
        let index = statement.starts_with("create index") || statement.starts_with("create unique");
        let concurrently = is(" concurrently ");
        if concurrently && !alone {
            found.insert(Fault::Transaction);
        }
        let table = behind(statement, " on ").unwrap_or_default();
        if index && !concurrently && !made.contains(table) {
            found.insert(Fault::Index);
        }
        if (statement.starts_with("update ") || statement.starts_with("delete ")) && !is(" where ")
        {
            found.insert(Fault::WholeTable);
        }
        let Some(altered) = behind(statement, "alter table ") else {
            continue;
        };
        if is(" drop column") {
            found.insert(Fault::Drops);
        }
        if is(" rename ") {
            found.insert(Fault::Renames);
        }
        if made.contains(altered) {
            continue;
        }
        let columns = statement.split(" alter column ").skip(1);
        // Behind its name, which may be `type`.
        let mut changes = columns.filter_map(|column| column.split_once(' '));
        if changes.any(|(_, to)| to.starts_with("type ") || to.starts_with("set data type ")) {
            found.insert(Fault::Retypes);
        }
        if is(" set not null") {
            found.insert(Fault::NotNull);
        }
        if is(" add constraint ") && !is(" not valid") && !is(" using index ") {
            found.insert(Fault::Constraint);
        }
        if is(" add column ") && is(" not null") && !is(" default") && !is(" add constraint ") {
            found.insert(Fault::NoDefault);
        }
    }
    found
}

#[test]
fn faults_are_found() {
    let made = "create table t (id int); ";
    for (sql, expected) in [
        (
            "-- drop table t;\nselect 'drop table t; truncate t';",
            vec![],
        ),
        (
            "create function f() as $$ drop table t; $$ language sql",
            vec![],
        ),
        ("drop table t", vec![Fault::Drops]),
        ("truncate t", vec![Fault::Drops]),
        ("ALTER TABLE t\n  DROP COLUMN c", vec![Fault::Drops]),
        ("alter table t rename to u", vec![Fault::Renames]),
        ("alter table t rename column a to b", vec![Fault::Renames]),
        (
            "alter table t alter column a type bigint",
            vec![Fault::Retypes],
        ),
        ("alter table t alter column type set default 1", vec![]),
        ("create index i on t (a)", vec![Fault::Index]),
        ("create unique index i on t (a)", vec![Fault::Index]),
        (
            "create index concurrently i on t (a)",
            vec![Fault::Transaction],
        ),
        (
            "-- no-transaction\ncreate index concurrently i on t (a)",
            vec![],
        ),
        (
            "alter table t alter column a set not null",
            vec![Fault::NotNull],
        ),
        (
            "alter table t add constraint c check (a > 0)",
            vec![Fault::Constraint],
        ),
        (
            "alter table t add constraint c check (a > 0) not valid",
            vec![],
        ),
        ("alter table t validate constraint c", vec![]),
        (
            "alter table t add constraint c unique using index i",
            vec![],
        ),
        (
            "alter table t add column a int not null",
            vec![Fault::NoDefault],
        ),
        ("alter table t add column a int not null default 0", vec![]),
        ("alter table t add column a int", vec![]),
        ("update t set a = 1", vec![Fault::WholeTable]),
        ("update t set a = 1 where b = 2", vec![]),
    ] {
        let found: Vec<_> = faults(sql).into_iter().collect();
        assert_eq!(found, expected, "{sql}");
    }
    for sql in [
        "create index i on t (a)",
        "alter table t add constraint c check (a > 0)",
        "alter table t alter column a set not null",
    ] {
        assert_eq!(faults(&format!("{made}{sql}")), BTreeSet::new(), "{sql}");
    }
}

#[test]
fn migrations_go_forward_and_lock_nothing_for_long() {
    let found: Vec<_> = SHOP
        .iter()
        .flat_map(|migration| {
            let faults = faults(migration.sql.as_str());
            faults.into_iter().map(|fault| (migration.version, fault))
        })
        .collect();
    let standing: Vec<_> = STANDING
        .iter()
        .map(|(version, fault, _)| (*version, *fault))
        .collect();
    assert_eq!(found, standing);
}
