//! CSV [RFC 4180] with a header row: `sku,name,description,category,price,currency,active,stock`
//! and, if there are pictures, `image_url`; in any order. A price is decimal text, such as `29.99`.

use std::io::Read;

use serde_json::{Map, Value, json};
use shared::money::{Currency, minor_units};
use shared::problem::FieldError;
use shared::product::NewProduct;

use super::{ROW_BYTES_MAX, Rows};

/// Columns that must be there.
const REQUIRED: [&str; 8] = [
    "sku",
    "name",
    "description",
    "category",
    "price",
    "currency",
    "active",
    "stock",
];
/// A column that may be there.
const OPTIONAL: &str = "image_url";

/// Reads them all, or until it is hopeless.
pub(super) fn read(input: impl Read) -> Rows {
    let mut rows = Rows::default();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
    let columns: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
        Err(error) => {
            rows.fault(1, "", error.to_string(), "Write the file as UTF-8.");
            return rows;
        }
    };
    check(&columns, &mut rows);
    if !rows.faults.is_empty() {
        return rows;
    }
    for record in reader.into_records() {
        if rows.is_hopeless() {
            break;
        }
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                if record.len() == columns.len() && record.as_slice().len() <= ROW_BYTES_MAX {
                    let fields = columns.iter().map(String::as_str).zip(record.iter());
                    rows.take(line, product(fields.collect()));
                } else {
                    let what = format!(
                        "the row has {} fields in {} bytes",
                        record.len(),
                        record.as_slice().len()
                    );
                    let fix = format!(
                        "Write {} fields, as in the header, in at most {ROW_BYTES_MAX} bytes; put \
                         quotes around fields with commas.",
                        columns.len()
                    );
                    rows.fault(line, "", what, &fix);
                }
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                rows.fault(line, "", error.to_string(), "Write the file as UTF-8.");
                if error.is_io_error() {
                    break;
                }
            }
        }
    }
    rows
}

fn check(columns: &[String], rows: &mut Rows) {
    for (place, column) in columns.iter().enumerate() {
        if !REQUIRED.contains(&column.as_str()) && column != OPTIONAL {
            let known = REQUIRED.join(", ");
            let fix = format!("Columns are {known} and {OPTIONAL}.");
            rows.fault(1, column, "there is no such column".to_owned(), &fix);
        } else if columns.iter().take(place).any(|other| other == column) {
            let what = "the column stands twice".to_owned();
            rows.fault(1, column, what, "Remove one.");
        }
    }
    for column in REQUIRED {
        if !columns.iter().any(|other| other == column) {
            let what = "the column is missing from the header".to_owned();
            rows.fault(1, column, what, "Add it.");
        }
    }
}

/// A row's product: its fields become the document that POST /products takes, so that the very same
/// rules hold.
fn product(fields: Vec<(&str, &str)>) -> Result<NewProduct, Vec<FieldError>> {
    let mut document = Map::new();
    let mut faults = Vec::new();
    let mut fault = |member: &str, detail: String, fix: &str| {
        faults.push(FieldError {
            pointer: format!("/{member}"),
            code: "format",
            detail,
            fix: fix.to_owned(),
        });
    };
    let currency = fields.iter().find(|(column, _)| *column == "currency");
    let currency = currency.map_or("", |(_, text)| text.trim());
    for (column, text) in fields {
        let value = match column {
            "currency" => match currency.parse::<Currency>() {
                Ok(_) => continue,
                Err(error) => {
                    fault(
                        column,
                        format!("`{currency}` is none"),
                        &format!("{error}."),
                    );
                    continue;
                }
            },
            "price" => {
                // A bad currency is told once, at its own column.
                let decimals = currency.parse::<Currency>().map_or(2, Currency::decimals);
                match minor_units(text.trim(), decimals) {
                    Ok(amount) => json!({"amount": amount, "currency": currency}),
                    Err(error) => {
                        let fix = "Write it in major units with a point, such as 29.99.";
                        fault(column, format!("`{text}` is {error}"), fix);
                        continue;
                    }
                }
            }
            "active" => match text.trim().to_ascii_lowercase().as_str() {
                "true" => json!(true),
                "false" => json!(false),
                _ => {
                    fault(
                        column,
                        format!("`{text}` is neither"),
                        "Write true or false.",
                    );
                    continue;
                }
            },
            "stock" => match text.trim().parse::<i64>() {
                Ok(units) => json!(units),
                Err(_) => {
                    let fix = "Write the units in stock in digits.";
                    fault(column, format!("`{text}` is no whole number"), fix);
                    continue;
                }
            },
            OPTIONAL if text.trim().is_empty() => Value::Null,
            _ => json!(text),
        };
        document.insert(column.to_owned(), value);
    }
    if faults.is_empty() {
        shared::body::parse(Value::Object(document).to_string().as_bytes())
    } else {
        Err(faults)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "sku,name,description,category,price,currency,image_url,active,stock\n";

    #[test]
    fn good_rows() {
        let text = "\u{feff}stock, sku,name,description,category,price,currency,active\r\n\
                    4,MUG-1,\"Mug, \"\"blue\"\" ☕\",\"two\nlines\",kitchen,29.99,USD,TRUE\r\n\
                    0,TEA-1,お茶,,tea,1200,JPY,false\r\n";
        let products = read(text.as_bytes()).finish().unwrap();
        let found: Vec<_> = products
            .iter()
            .map(|one| {
                let price = (one.price.amount, one.price.currency.to_string());
                (one.name.as_str(), price, one.active, one.stock)
            })
            .collect();
        let expected = [
            ("Mug, \"blue\" ☕", (2999, "USD".to_owned()), true, 4),
            ("お茶", (1200, "JPY".to_owned()), false, 0),
        ];
        assert_eq!(found, expected);
        let text = format!("{HEADER}A,a,,c,1,USD,,true,1\nB,b,,c,1,USD,https://x/y,true,1");
        let products = read(text.as_bytes()).finish().unwrap();
        assert_eq!(products[0].image_url, None);
        assert_eq!(products[1].image_url.as_deref(), Some("https://x/y"));
    }

    #[test]
    fn bad_rows_are_told_by_line_and_column() {
        for (rows, expected) in [
            ("A,a,,c,29.999,USD,,true,1", &[(2, "price")][..]),
            ("A,a,,c,-1,USD,,true,1", &[(2, "price")]),
            ("A,a,,c,\"1,50\",USD,,true,1", &[(2, "price")]),
            ("A,a,,c,1,usd,,true,1", &[(2, "currency")]),
            ("A,a,,c,1,USD,,yes,x", &[(2, "active"), (2, "stock")]),
            ("A,a,,c,1,USD,,true,-1", &[(2, "stock")]),
            (
                ",a,,C,1,USD,ftp://x,true,1",
                &[(2, "category"), (2, "image_url"), (2, "sku")],
            ),
            ("A,a,,c,1,USD,,true", &[(2, "")]),
            (
                "A,\"a\nb\",,c,1,USD,,true,1\nA,a,,c,1,USD,,true,1",
                &[(4, "sku")],
            ),
        ] {
            let refused = read(format!("{HEADER}{rows}").as_bytes())
                .finish()
                .unwrap_err();
            let found: Vec<_> = refused
                .0
                .iter()
                .map(|fault| (fault.line, fault.member.as_str()))
                .collect();
            assert_eq!(found, expected, "{rows}");
        }
    }

    #[test]
    fn bad_headers_and_bytes_are_told() {
        for (text, members) in [
            (&b""[..], REQUIRED.to_vec()),
            (b"sku,name,description,category,price,currency,active\n", vec!["stock"]),
            (
                b"sku,sku,name,description,category,price,currency,active,stock,colour\n",
                vec!["sku", "colour"],
            ),
            (
                b"sku,name,description,category,price,currency,active,stock\nA,\xff,,c,1,USD,true,1",
                vec![""],
            ),
        ] {
            let refused = read(text).finish().unwrap_err();
            let found: Vec<_> = refused.0.iter().map(|fault| &fault.member).collect();
            assert_eq!(found, members);
        }
    }
}
