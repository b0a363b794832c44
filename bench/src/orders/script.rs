//! pgbench's script: origin's two statements, with SQL expressions in the places of their
//! parameters.
//!
//! pgbench's variables are numbers, so what is a text or a UUID derives from two of them: `order`
//! is drawn anew for each transaction, `product` picks from arrays of constants. Ids are made in
//! the form that origin gives them (UUIDv7 where those sort by time), so that indexes grow alike.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::shop::Shop;

const PLACE: &str = "origin/src/store/order/place.sql";
const SETTLE: &str = "origin/src/store/order/settle.sql";

/// What writes the events of T1 and T2, and what writes none.
const TOLD: [(&str, &str); 2] = [
    (
        "$21, $22\n    from claim, verdict\n)",
        "$21, $22\n    from claim, verdict where false\n)",
    ),
    ("$16 from settled\n)", "$16 from settled where false\n)"),
];

/// Writes the script into the shop's folder; without events where they are to be missing.
pub(super) fn write(root: &Path, shop: &Shop, events: bool) -> Result<PathBuf> {
    let read = |path: &str| {
        let text = fs::read_to_string(root.join(path));
        let text = text.with_context(|| format!("{path} can't be read"))?;
        if events {
            return Ok(text);
        }
        let told = TOLD.iter().find(|(told, _)| text.contains(told));
        let (told, untold) = told.with_context(|| format!("{path} tells of nothing"))?;
        anyhow::Ok(text.replace(told, untold))
    };
    let products = shop.products.len();
    let text = format!(
        "\\set order random(1, 9223372036854775807)\n\\set product random(1, {products})\n{};\n{};\n",
        fill(&read(PLACE)?, &place(shop)?)?,
        fill(&read(SETTLE)?, &settle(shop)?)?,
    );
    let name = if events {
        "order.pgbench"
    } else {
        "untold.pgbench"
    };
    let file = shop.folder().join(name);
    fs::write(&file, text)?;
    Ok(file)
}

/// Puts expressions in the places of `$1`, `$2`, …, and drops comments.
fn fill(statement: &str, expressions: &[String]) -> Result<String> {
    let code = statement
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"));
    let code: String = code.flat_map(|line| [line, "\n"]).collect();
    let mut parts = code.trim_end().split('$');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let place: usize = number.parse().context("a `$` that is no parameter")?;
        let expression = place
            .checked_sub(1)
            .and_then(|place| expressions.get(place));
        let expression = expression.with_context(|| format!("nothing is known of ${place}"))?;
        filled.extend(["(", expression, ")", rest]);
    }
    Ok(filled)
}

/// T1's parameters, as place.sql numbers them.
fn place(shop: &Shop) -> Result<Vec<String>> {
    let pick = |kind: &str, values: Vec<String>| {
        format!("('{{{}}}'::{kind}[])[:product::int]", values.join(","))
    };
    let products = &shop.products;
    let of = |value: fn(&crate::shop::Product) -> String| products.iter().map(value).collect();
    Ok([
        format!(
            "array[{}]",
            pick("uuid", of(|product| product.id.uuid().to_string()))
        ),
        format!(
            "array[{}]",
            pick("text", of(|product| product.id.to_string()))
        ),
        "'{1}'".to_owned(),
        text(&shop.customer),
        "'live'".to_owned(),
        key(),
        "encode(sha256(:order::text::bytea), 'hex')".to_owned(),
        shown("req"),
        pick("bigint", of(|product| product.price.to_string())),
        text(
            &products
                .first()
                .context("the shop has no products")?
                .currency,
        ),
        "md5(:order::text)::uuid".to_owned(),
        shown("ord"),
        sorted("payment"),
        shown("pay"),
        "'pm_card_visa'".to_owned(),
        "'key-' || md5(:order::text)".to_owned(),
        "'ref-' || md5(:order::text)".to_owned(),
        format!("{}::jsonb", text(&serde_json::to_string(&shop.address)?)),
        "null".to_owned(),
        sorted("created"),
        format!("'{TRACE}'"),
        "now()".to_owned(),
        text("2026-11-24T02:00:00.000Z"),
        "gen_random_uuid()".to_owned(),
        "now() + interval '15 seconds'".to_owned(),
        "now() + interval '30 minutes'".to_owned(),
        "'/orders'".to_owned(),
        STOCK_EVENTS.to_owned(),
    ]
    .into())
}

/// T2's parameters, as settle.sql numbers them.
fn settle(shop: &Shop) -> Result<Vec<String>> {
    let sample = &shop.sample_order;
    let fields = serde_json::to_string(&sample.fields)?;
    let order = std::str::from_utf8(&sample.body)?;
    let mut body = String::with_capacity(2 * sample.body.len());
    for byte in &sample.body {
        write!(body, "{byte:02x}")?;
    }
    Ok([
        text(&shop.customer),
        "'live'".to_owned(),
        key(),
        "'succeeded'".to_owned(),
        "null".to_owned(),
        "'ch_' || md5(:order::text)".to_owned(),
        "'confirmed'".to_owned(),
        "'sold'".to_owned(),
        "201::smallint".to_owned(),
        format!("{}::jsonb", text(&fields)),
        format!("'\\x{body}'::bytea"),
        sorted("confirmed"),
        "'order.confirmed'".to_owned(),
        format!("{}::jsonb", text(order)),
        format!("'{TRACE}'"),
        "now()".to_owned(),
        STOCK_EVENTS.to_owned(),
    ]
    .into())
}

/// Two events for the one product of an order.
const STOCK_EVENTS: &str = "array[gen_random_uuid(), gen_random_uuid()]";

/// Of the length that a real one has.
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn key() -> String {
    "'pgbench-' || :order::text".to_owned()
}

/// An id as clients see it: of the right length, which is all that its place in a text or in JSON
/// asks for.
fn shown(prefix: &str) -> String {
    format!("'{prefix}_' || substr(md5(:order::text), 1, 26)")
}

/// A UUID that sorts by time.
fn sorted(what: &str) -> String {
    format!(
        "(lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0') \
         || '7' || substr(md5('{what}' || :order::text), 14))::uuid"
    )
}

/// A literal without a colon, since pgbench could take what follows one for a variable's name.
fn text(value: &str) -> String {
    let escaped = value
        .replace('\\', r"\\")
        .replace('\'', "''")
        .replace(':', r"\x3a");
    format!("E'{escaped}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_filled_in() {
        let statement =
            "-- $1 is a comment; it isn't filled\nselect $1::text, $12 from x\nwhere y = $1\n";
        let expressions: Vec<String> = (1..=12).map(|n| format!("e{n}")).collect();
        assert_eq!(
            fill(statement, &expressions).unwrap(),
            "select (e1)::text, (e12) from x\nwhere y = (e1)"
        );
        for bad in ["select $0", "select $13", "select $$x$$"] {
            assert!(fill(bad, &expressions).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_literal_looks_like_a_variable() {
        for (value, literal) in [
            ("plain", "E'plain'"),
            ("it's", "E'it''s'"),
            (r#"{"a":null}"#, r#"E'{"a"\x3anull}'"#),
            (r"a\nb", r"E'a\\nb'"),
        ] {
            assert_eq!(text(value), literal);
        }
    }
}
