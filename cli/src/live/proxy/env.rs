//! The variables by which common programs take a proxy and its authority.

use std::path::Path;

use crate::args::ProxyArgs;
use crate::term;

use super::Authority;

/// Variables that name the proxy; many programs read only one spelling.
const PROXY: [&str; 6] = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
/// Variables that name certificates, with who reads them.
const CA: [(&str, &str); 8] = [
    ("SSL_CERT_FILE", "OpenSSL, httpx, Go, Ruby"),
    ("REQUESTS_CA_BUNDLE", "Python requests"),
    ("CURL_CA_BUNDLE", "curl"),
    ("NODE_EXTRA_CA_CERTS", "Node"),
    ("GIT_SSL_CAINFO", "git"),
    ("PIP_CERT", "pip"),
    ("AWS_CA_BUNDLE", "AWS"),
    ("DENO_CERT", "Deno"),
];

/// Prints them as a shell reads them.
pub(super) fn print(args: &ProxyArgs) -> anyhow::Result<()> {
    term::out(&text(args))
}

fn text(args: &ProxyArgs) -> String {
    let proxy = format!("http://{}", args.listen);
    let mut lines: Vec<String> =
        PROXY.iter().map(|name| format!("export {name}={}\n", quoted(&proxy))).collect();
    lines.push(
        "# Node reads the variables above from version 24 on, with this:\nexport NODE_USE_ENV_PROXY=1\n"
            .into(),
    );
    if let Some(folder) = &args.ca {
        let path = std::path::absolute(Authority::certificate_path(folder));
        let path = path.unwrap_or_else(|_| Authority::certificate_path(folder));
        lines.extend(CA.iter().map(|(name, who)| format!("export {name}={} # {who}\n", shown(&path))));
    }
    lines.concat()
}

fn shown(path: &Path) -> String {
    quoted(&path.display().to_string())
}

fn quoted(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/:._-[]".contains(&byte);
    if text.bytes().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_one_word_for_the_shell() {
        assert_eq!(quoted("/a/ca.pem"), "/a/ca.pem");
        assert_eq!(quoted("/a b/it's"), "'/a b/it'\\''s'");
    }
}
