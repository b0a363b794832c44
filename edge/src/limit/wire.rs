//! What edge and limiter object say to each other: numbers with a space or a slash between, since
//! every limited request pays for reading and writing them.

use super::gcra::{Policy, Verdict};

/// A question, as the path of a URL: `/1000/60/5` takes five tokens of a thousand a minute.
pub fn ask(policy: Policy, cost: u32) -> String {
    format!("/{}/{}/{cost}", policy.quota, policy.window_seconds)
}

/// Reads a question.
pub fn read_ask(path: &str) -> Option<(Policy, u32)> {
    let mut numbers = path.strip_prefix('/')?.split('/');
    let quota = numbers.next()?.parse().ok()?;
    let window_seconds = numbers.next()?.parse().ok()?;
    let cost = numbers.next()?.parse().ok()?;
    numbers.next().is_none().then_some((
        Policy {
            quota,
            window_seconds,
        },
        cost,
    ))
}

/// An answer, as a field's value: admitted, remaining, full in, retry in.
pub fn answer(verdict: Verdict) -> String {
    let admitted = u8::from(verdict.admitted);
    format!(
        "{admitted} {} {} {}",
        verdict.remaining, verdict.full_in_ms, verdict.retry_in_ms
    )
}

/// Reads an answer.
pub fn read_answer(text: &str) -> Option<Verdict> {
    let mut numbers = text.split(' ');
    let admitted = match numbers.next()? {
        "1" => true,
        "0" => false,
        _ => return None,
    };
    let remaining = numbers.next()?.parse().ok()?;
    let full_in_ms = numbers.next()?.parse().ok()?;
    let retry_in_ms = numbers.next()?.parse().ok()?;
    let verdict = Verdict {
        admitted,
        remaining,
        full_in_ms,
        retry_in_ms,
    };
    numbers.next().is_none().then_some(verdict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        for (policy, cost) in [
            (
                Policy {
                    quota: 1000,
                    window_seconds: 60,
                },
                5,
            ),
            (
                Policy {
                    quota: u32::MAX,
                    window_seconds: 0,
                },
                u32::MAX,
            ),
        ] {
            assert_eq!(read_ask(&ask(policy, cost)), Some((policy, cost)));
        }
        for verdict in [
            Verdict {
                admitted: true,
                remaining: 998,
                full_in_ms: 120,
                retry_in_ms: 0,
            },
            Verdict {
                admitted: false,
                remaining: 0,
                full_in_ms: u64::MAX,
                retry_in_ms: u64::MAX,
            },
        ] {
            assert_eq!(read_answer(&answer(verdict)), Some(verdict));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for path in [
            "",
            "/",
            "/1",
            "/1/2",
            "/1/2/3/4",
            "/1/2/-3",
            "1/2/3",
            "/a/2/3",
            "/1/2/4294967296",
        ] {
            assert_eq!(read_ask(path), None, "{path}");
        }
        for text in [
            "",
            "1",
            "2 0 0 0",
            "1 0 0",
            "1 0 0 0 0",
            "true 0 0 0",
            "1 -1 0 0",
        ] {
            assert_eq!(read_answer(text), None, "{text}");
        }
    }
}
