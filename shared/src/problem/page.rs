//! The page behind a problem's `type` URL.

use super::Code;

/// HTML that explains the code, or `None` for an unknown one. It needs no script and no other
/// file, so that it opens offline and under any content security policy.
pub fn page(code: &str) -> Option<String> {
    let code = Code::ALL.iter().find(|known| known.as_str() == code)?;
    let retry = if code.retryable() {
        "The same request may succeed later; send it again with the same idempotency key."
    } else {
        "Sending the same request again will not help."
    };
    Some(format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{name}: {title}</title>\n\
         <style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;\
         padding:0 1rem}}code{{font-size:1.1em}}</style>\n\
         <h1>{title}</h1>\n<p>HTTP {status} · <code>{name}</code></p>\n<p>{meaning}</p>\n\
         <p>{retry}</p>\n</html>\n",
        name = code.as_str(),
        title = code.title(),
        status = code.status(),
        meaning = code.meaning(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_and_nothing_else_has() {
        for code in Code::ALL {
            assert!(page(code.as_str()).is_some_and(|html| html.contains(code.meaning())));
        }
        assert_eq!(page("<script>"), None);
    }
}
