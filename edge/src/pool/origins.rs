//! How a deployment lists the origins of a pool.

/// One that is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its base URL, without a trailing slash.
    pub url: String,
    /// Its share among the others.
    pub weight: u32,
}

/// Reads a list: URLs with blanks between them, each perhaps with `*` and a weight from 1 to 1000 behind
/// it. `None` for an empty list, for one that is too long, and for what is no `http` or `https` URL.
pub fn list(text: &str) -> Option<Vec<Listed>> {
    let mut all = Vec::new();
    for word in text.split_ascii_whitespace() {
        let (url, weight) = match word.rsplit_once('*') {
            Some((url, weight)) => (url, weight.parse().ok()?),
            None => (word, 1),
        };
        let known = url.starts_with("http://") || url.starts_with("https://");
        if !known || !(1..=1_000).contains(&weight) {
            return None;
        }
        let url = url.trim_end_matches('/').to_owned();
        all.push(Listed { url, weight });
    }
    (!all.is_empty() && all.len() <= super::ORIGINS_MAX).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists() {
        let listed = |all: &[(&str, u32)]| {
            let all = all.iter().map(|(url, weight)| Listed {
                url: (*url).to_owned(),
                weight: *weight,
            });
            Some(all.collect::<Vec<_>>())
        };
        for (text, expected) in [
            ("http://a:1/", listed(&[("http://a:1", 1)])),
            (
                " https://a  http://b*3\n",
                listed(&[("https://a", 1), ("http://b", 3)]),
            ),
            ("", None),
            ("ftp://a", None),
            ("http://a*0", None),
            ("http://a*x", None),
            ("http://a*1001", None),
        ] {
            assert_eq!(list(text), expected, "{text:?}");
        }
        let many = "http://a ".repeat(super::super::ORIGINS_MAX + 1);
        assert_eq!(list(&many), None);
    }
}
