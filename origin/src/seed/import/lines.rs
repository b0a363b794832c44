//! JSON lines: a product a line, as POST /products takes it; empty lines pass.

use std::io::{self, BufRead, Read as _};

use super::{ROW_BYTES_MAX, Rows};

/// Reads them all, or until it is hopeless.
pub(super) fn read(mut input: impl BufRead) -> io::Result<Rows> {
    let mut rows = Rows::default();
    let mut line = Vec::new();
    let longest = u64::try_from(ROW_BYTES_MAX).unwrap_or(u64::MAX);
    for number in 1.. {
        line.clear();
        // One byte more than is allowed, and the line break.
        let bytes = input
            .by_ref()
            .take(longest.saturating_add(2))
            .read_until(b'\n', &mut line)?;
        if bytes == 0 || rows.is_hopeless() {
            break;
        }
        let text = if number == 1 {
            // What some editors put before UTF-8.
            line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&line)
        } else {
            &line
        };
        let text = text.trim_ascii();
        if text.len() > ROW_BYTES_MAX {
            let what = format!("the line is over {ROW_BYTES_MAX} bytes");
            rows.fault(number, "", what, "Shorten it.");
            if line.last() != Some(&b'\n') {
                input.skip_until(b'\n')?;
            }
        } else if !text.is_empty() {
            rows.take(number, shared::body::parse(text));
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seed::import::FAULTS_MAX;

    const MUG: &str = r#"{"sku":"MUG-1","name":"Mug ☕","description":"","category":"kitchen","price":{"amount":2999,"currency":"USD"},"active":true,"stock":4}"#;

    #[test]
    fn good_lines() {
        let bowl = MUG.replace("MUG-1", "BOWL-1");
        for text in [
            format!("{MUG}\n{bowl}\n"),
            format!("\u{feff}{MUG}\r\n\r\n  {bowl}"),
        ] {
            let products = read(text.as_bytes()).unwrap().finish().unwrap();
            let skus: Vec<_> = products.iter().map(|product| &product.sku).collect();
            assert_eq!(skus, ["MUG-1", "BOWL-1"], "{text}");
            assert_eq!(products[0].name, "Mug ☕");
        }
    }

    #[test]
    fn bad_lines_are_told_by_number_and_member() {
        let long = format!("{{\"sku\":\"{}\"}}", "x".repeat(ROW_BYTES_MAX));
        let text = [
            MUG,
            "{",
            &MUG.replace("2999", "-1"),
            &long,
            MUG,
            &MUG.replace("\"stock\":4", "\"stock\":\"4\""),
            &MUG.replace("MUG-1", "").replace("kitchen", "Kitchen"),
            &MUG.replace("\"stock\"", "\"stocks\""),
        ]
        .join("\n");
        let refused = read(text.as_bytes()).unwrap().finish().unwrap_err();
        let found: Vec<_> = refused
            .0
            .iter()
            .map(|fault| (fault.line, fault.member.as_str()))
            .collect();
        let expected = [
            (2, ""),
            (3, "price"),
            (4, ""),
            (5, "sku"),
            (6, "stock"),
            (7, "category"),
            (7, "sku"),
            (8, "stocks"),
        ];
        assert_eq!(found, expected);
        assert!(
            refused
                .to_string()
                .contains("line 5, sku: the article number stands in line 1")
        );
    }

    #[test]
    fn faults_are_bounded() {
        let text = "{\n".repeat(FAULTS_MAX + 50);
        let refused = read(text.as_bytes()).unwrap().finish().unwrap_err();
        assert_eq!(refused.0.len(), FAULTS_MAX);
        assert!(
            refused
                .to_string()
                .starts_with("nothing was imported: 100 or more faults")
        );
    }
}
