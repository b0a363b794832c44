//! The page about a version: what is different in it, for whoever follows its deprecation link.

use crate::version::ApiVersion;

/// HTML about a deprecated version, or `None`. Like the pages of problems it needs no script and no
/// other file.
pub fn page(version: &str) -> Option<String> {
    let version = version.parse().ok()?;
    let differences = match version {
        ApiVersion::V1 => V1,
        ApiVersion::V2 => return None,
    };
    Some(format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Moving from {version}</title>\n\
         <style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:45rem;margin:3rem auto;\
         padding:0 1rem}}td,th{{padding:.3rem 1rem .3rem 0;text-align:left;vertical-align:top}}</style>\n\
         <h1>Moving from {version} to {latest}</h1>\n\
         <p>Version {version} of the API is deprecated. The <code>Sunset</code> field of its answers \
         says when it ends, and GET /account/deprecations which of its routes your account still \
         uses. Write <code>/{latest}</code> in the path in its place; this is what differs.</p>\n\
         {differences}</html>\n",
        version = version.as_str(),
        latest = ApiVersion::LATEST.as_str(),
    ))
}

const V1: &str = "<table>\n\
    <tr><th>v1</th><th>v2</th></tr>\n\
    <tr><td><code>\"price\":\"29.99\",\"currency\":\"USD\"</code>, and <code>total</code>, \
    <code>unit_price</code>, <code>line_total</code>, <code>amount</code>, \
    <code>expected_total</code> likewise; as many decimals as the currency has</td>\
    <td><code>\"price\":{\"amount\":2999,\"currency\":\"USD\"}</code>, in minor units</td></tr>\n\
    <tr><td><code>expected_total</code> is optional</td><td>required: nobody pays a price that \
    they did not see</td></tr>\n\
    <tr><td>an order's status <code>complete</code></td><td><code>confirmed</code></td></tr>\n\
    <tr><td>PATCH takes <code>application/merge-patch+json</code>; a <code>price</code> without \
    <code>currency</code> is read with two decimals</td>\
    <td>and <code>application/json-patch+json</code></td></tr>\n\
    <tr><td>an ETag ends in <code>.v1</code></td><td>tags of the two versions never match</td></tr>\n\
    </table>\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_have_a_page() {
        assert!(page("v1").is_some_and(|html| html.contains("Moving from v1 to v2")));
        for other in ["v2", "v3", "", "<script>"] {
            assert_eq!(page(other), None);
        }
    }
}
