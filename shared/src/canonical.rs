//! JSON in the one form that a fingerprint is taken of [RFC 8785]: members in the order of their
//! UTF-16 units, numbers as ECMAScript writes a double, and no more escapes than it must have.
//!
//! Written out, since the crate for it brings its own table of powers and its own parser: 15 KB of the
//! edge's gzip. The tests hold it against that crate.

use std::fmt::Write;

use serde_json::Value;

/// The canonical text of a document. `None` for a number that is no double.
pub(crate) fn text(json: &Value) -> Option<String> {
    let mut out = String::new();
    write(json, &mut out)?;
    Some(out)
}

fn write(json: &Value, out: &mut String) -> Option<()> {
    match json {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(value) => number(value.as_f64()?, out)?,
        Value::String(text) => string(text, out),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(item, out)?;
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by(|one, other| one.0.encode_utf16().cmp(other.0.encode_utf16()));
            out.push('{');
            for (at, (name, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                string(name, out);
                out.push(':');
                write(value, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                out.push_str("\\u00");
                for shift in [4, 0] {
                    let digit = (u32::from(control) >> shift) & 15;
                    out.push(char::from_digit(digit, 16).unwrap_or('0'));
                }
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// A double as `Number::toString` of ECMAScript writes it. Rust's `{:e}` gives the same digits, the
/// fewest that are read back as this double, but for a tie; where the point goes is another rule.
fn number(value: f64, out: &mut String) -> Option<()> {
    if !value.is_finite() {
        return None;
    }
    if value == 0.0 {
        out.push('0');
        return Some(());
    }
    let mut scientific = String::new();
    write!(scientific, "{:e}", value.abs()).ok()?;
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let mantissa = even(value.abs(), mantissa);
    let (first, rest) = mantissa.split_once('.').unwrap_or((&mantissa, ""));
    if value < 0.0 {
        out.push('-');
    }
    if !(-6..21).contains(&exponent) {
        out.push_str(&mantissa);
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(out, "e{sign}{}", exponent.unsigned_abs()).ok()?;
    } else if let Ok(places) = usize::try_from(exponent) {
        out.push_str(first);
        out.extend(rest.chars().chain(std::iter::repeat('0')).take(places));
        if let Some(fraction) = rest.get(places..).filter(|fraction| !fraction.is_empty()) {
            out.push('.');
            out.push_str(fraction);
        }
    } else {
        out.push_str("0.");
        out.extend((exponent..-1).map(|_| '0'));
        out.push_str(first);
        out.push_str(rest);
    }
    Some(())
}

/// Of two shortest texts that are equally near, ECMAScript takes the even one and Rust the greater.
fn even(value: f64, mantissa: &str) -> String {
    let odd = mantissa.bytes().last().filter(|digit| digit % 2 == 1);
    let (Some(digit), Some(places)) = (odd, mantissa.len().checked_sub(2)) else {
        return mantissa.to_owned();
    };
    let mut lower = mantissa.to_owned();
    lower.pop();
    lower.push(char::from(digit - 1));
    let tie = format!("{lower}5{}", "0".repeat(TIE_DIGITS));
    let exact = format!("{value:.*e}", places + 1 + TIE_DIGITS);
    if exact.split('e').next() == Some(&tie) {
        lower
    } else {
        mantissa.to_owned()
    }
}

/// How many more digits of a double are looked at before it counts as lying between two texts.
const TIE_DIGITS: usize = 24;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The rows of RFC 8785, appendix B.
    #[test]
    fn doubles() {
        for (bits, expected) in [
            (0x0000_0000_0000_0000_u64, "0"),
            (0x8000_0000_0000_0000, "0"),
            (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"),
            (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
            (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"),
            (0xc340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"),
            (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
            (0x44b5_2d02_c7e1_4af6, "1e+23"),
            (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
            (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
            (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
            (0x444b_1ae4_d6e2_ef50, "1e+21"),
            (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
            (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
            (0x41b3_de43_5555_5553, "333333333.3333332"),
            (0x41b3_de43_5555_5556, "333333333.3333334"),
            (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
            (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
        ] {
            let mut found = String::new();
            number(f64::from_bits(bits), &mut found).unwrap();
            assert_eq!(found, expected);
        }
        assert_eq!(number(f64::NAN, &mut String::new()), None);
    }

    /// The example of RFC 8785, section 3.2.3, and its order of members.
    #[test]
    fn members_and_escapes() {
        let json: Value = serde_json::from_str(
            r#"{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
                "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false],
                "\ud83d\ude02":"Smiley","\ufb33":"Hebrew"}"#,
        )
        .unwrap();
        assert_eq!(
            text(&json).unwrap(),
            "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],\
             \"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\",\"😂\":\"Smiley\",\"\u{fb33}\":\"Hebrew\"}"
        );
    }

    fn documents() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 30, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_what_the_crate_writes(json in documents()) {
            let expected = serde_json_canonicalizer::to_string(&json).unwrap();
            prop_assert_eq!(text(&json).unwrap(), expected);
        }

        // Where ties are.
        #[test]
        fn eighths(whole in 0..1_u64 << 53) {
            #[expect(clippy::cast_precision_loss, reason = "it has 53 bits")]
            let value = whole as f64 / 8.0;
            let mut found = String::new();
            number(value, &mut found).unwrap();
            prop_assert_eq!(found, serde_json_canonicalizer::to_string(&value).unwrap());
        }

        #[test]
        fn every_double(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            prop_assume!(value.is_finite());
            let mut found = String::new();
            number(value, &mut found).unwrap();
            prop_assert_eq!(found, serde_json_canonicalizer::to_string(&value).unwrap());
        }
    }
}
