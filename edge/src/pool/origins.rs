//! Who is in a pool: by the deployment's list, or by a record's.

use serde_json::Value;
use shared::origins::{ORIGINS_MAX, WEIGHT_MAX};

/// One that is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its base URL, without a trailing slash.
    pub url: String,
    /// Its share among the others; 0 for none.
    pub weight: u32,
    /// Whether the deployment lists it.
    pub own: bool,
}

/// Lists by the names of their pools.
pub type Lists = Vec<(String, Vec<Listed>)>;

/// Reads a deployment's list: URLs with blanks between them, each perhaps with `*` and a weight from 1 to 1000
/// behind it. `None` for an empty list, for one that is too long, and for what is no `http` or `https` URL.
pub fn list(text: &str) -> Option<Vec<Listed>> {
    let mut all = Vec::new();
    for word in text.split_ascii_whitespace() {
        let (url, weight) = match word.rsplit_once('*') {
            Some((url, weight)) => (url, weight.parse().ok()?),
            None => (word, 1),
        };
        all.push(one(url, weight, true).filter(|listed| listed.weight > 0)?);
    }
    whole(all)
}

/// Reads the lists of a record ([`shared::record::ORIGINS_PATH`]): none where it is null. `None` for what can't
/// be read, all of it, so that no half of a list holds.
pub fn of_record(json: &Value) -> Option<Lists> {
    if json.is_null() {
        return Some(Lists::new());
    }
    let mut lists = Lists::new();
    for (name, list) in json.get("pools")?.as_object()? {
        let mut all = Vec::new();
        for origin in list.as_array()? {
            let weight = origin.get("weight")?.as_u64()?;
            all.push(one(origin.get("url")?.as_str()?, weight, false)?);
        }
        lists.push((name.clone(), whole(all)?));
    }
    Some(lists)
}

fn one(url: &str, weight: u64, own: bool) -> Option<Listed> {
    let known = url.starts_with("http://") || url.starts_with("https://");
    let weight = u32::try_from(weight).ok()?;
    (known && weight <= WEIGHT_MAX).then(|| Listed {
        url: url.trim_end_matches('/').to_owned(),
        weight,
        own,
    })
}

/// A list that a pool can have.
fn whole(all: Vec<Listed>) -> Option<Vec<Listed>> {
    let leads = all.iter().any(|one| one.weight > 0);
    (leads && all.len() <= ORIGINS_MAX).then_some(all)
}

/// Who is in a pool while a record's list holds instead of the deployment's own: those of the list, and behind
/// them, without weight, the own ones that it leaves out.
pub fn instead(own: &[Listed], list: &[Listed]) -> Vec<Listed> {
    let mut all = list.to_vec();
    for one in own {
        match all.iter_mut().find(|listed| listed.url == one.url) {
            Some(listed) => listed.own = true,
            None => all.push(Listed {
                weight: 0,
                ..one.clone()
            }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listed(all: &[(&str, u32)], own: bool) -> Vec<Listed> {
        let all = all.iter().map(|(url, weight)| Listed {
            url: (*url).to_owned(),
            weight: *weight,
            own,
        });
        all.collect()
    }

    #[test]
    fn lists() {
        for (text, expected) in [
            ("http://a:1/", Some(&[("http://a:1", 1)][..])),
            (
                " https://a  http://b*3\n",
                Some(&[("https://a", 1), ("http://b", 3)]),
            ),
            ("", None),
            ("ftp://a", None),
            ("http://a*0", None),
            ("http://a*x", None),
            ("http://a*1001", None),
        ] {
            let expected = expected.map(|all| listed(all, true));
            assert_eq!(list(text), expected, "{text:?}");
        }
        let many = "http://a ".repeat(ORIGINS_MAX + 1);
        assert_eq!(list(&many), None);
    }

    #[test]
    fn records() {
        let origin = |url: &str, weight: i64| json!({"url": url, "weight": weight});
        let fine = json!({"object": "origins", "pools": {
            "default": [origin("https://a", 3), origin("http://b", 0)], "c": [origin("https://c", 1)]}});
        let expected = vec![
            (
                "default".to_owned(),
                listed(&[("https://a", 3), ("http://b", 0)], false),
            ),
            ("c".to_owned(), listed(&[("https://c", 1)], false)),
        ];
        assert_eq!(of_record(&fine), Some(expected));
        assert_eq!(of_record(&Value::Null), Some(Lists::new()));
        let many = vec![origin("https://a", 1); ORIGINS_MAX + 1];
        for list in [
            json!([]),
            json!({}),
            json!([origin("https://a", 0)]),
            json!([origin("https://a", 1), origin("b", 1)]),
            json!([origin("https://a", -1)]),
            json!([origin("https://a", 1001)]),
            json!([{"url": "https://a"}]),
            json!([{"weight": 1}]),
            json!(["https://a"]),
            json!(many),
        ] {
            let record = json!({"pools": {"default": list, "c": [origin("https://c", 1)]}});
            assert_eq!(of_record(&record), None, "{record}");
        }
        assert_eq!(of_record(&json!({"pools": []})), None);
        assert_eq!(of_record(&json!({})), None);
    }

    #[test]
    fn own_origins_stay_behind_a_list() {
        let own = listed(&[("https://a", 2), ("https://b", 1)], true);
        for (list, expected) in [
            (
                &[("https://c", 1)][..],
                &[
                    ("https://c", 1, false),
                    ("https://a", 0, true),
                    ("https://b", 0, true),
                ][..],
            ),
            (
                &[("https://b", 5), ("https://c", 1)],
                &[
                    ("https://b", 5, true),
                    ("https://c", 1, false),
                    ("https://a", 0, true),
                ],
            ),
            (
                &[("https://b", 0), ("https://a", 1)],
                &[("https://b", 0, true), ("https://a", 1, true)],
            ),
        ] {
            let found = instead(&own, &listed(list, false));
            let found: Vec<_> = found
                .iter()
                .map(|one| (one.url.as_str(), one.weight, one.own))
                .collect();
            assert_eq!(found, expected, "{list:?}");
        }
    }
}
