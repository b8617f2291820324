//! Paged lists, whose next links clients must return unchanged.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::exchange::{Call, Query};

const TOKEN: &str = "$skiptoken";

/// Characters that stay unencoded in a query; the same as in clients that parse and rebuild a link.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Maximum number of valid links; older ones are refused.
const MAX_LINKS: usize = 4096;

/// The links that were issued.
#[derive(Debug, Default)]
pub(crate) struct Links(Mutex<VecDeque<Link>>);

#[derive(Debug)]
struct Link {
    /// As in the link, encoded.
    token: String,
    path: String,
    parameters: Vec<(String, String)>,
    start: usize,
}

/// A link that was never issued, was altered, or belongs to another list.
#[derive(Debug)]
pub(crate) struct BadLink;

impl Links {
    /// Returns the index at which this request starts in its list: 0, unless it follows a link.
    pub(crate) fn start(&self, call: &Call) -> Result<usize, BadLink> {
        let Some(token) = call.query.raw(TOKEN) else { return Ok(0) };
        let links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let link = links.iter().find(|link| link.token == token).ok_or(BadLink)?;
        let same = link.path.eq_ignore_ascii_case(&call.path) && link.parameters == parameters(&call.query);
        if same { Ok(link.start) } else { Err(BadLink) }
    }

    /// Returns one page of `items`, and the link to the next if there is one. `base` is scheme, host and
    /// port.
    pub(crate) fn page<T>(
        &self,
        call: &Call,
        base: &str,
        items: Vec<T>,
        size: usize,
    ) -> Result<(Vec<T>, Option<String>), BadLink> {
        let start = self.start(call)?;
        let more = items.len().saturating_sub(start) > size;
        let page = items.into_iter().skip(start).take(size).collect();
        Ok((page, more.then(|| self.next(call, base, start + size))))
    }

    fn next(&self, call: &Call, base: &str, start: usize) -> String {
        let token = fresh_token(start);
        let path = call.target.split('?').next().unwrap_or_default();
        let query: Vec<String> = parameters(&call.query)
            .iter()
            .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, QUERY)))
            .chain([format!("{TOKEN}={token}")])
            .collect();
        let mut links = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if links.len() == MAX_LINKS {
            links.pop_front();
        }
        links.push_back(Link { token, path: call.path.clone(), parameters: parameters(&call.query), start });
        format!("{base}{path}?{}", query.join("&"))
    }
}

/// Returns all parameters but the token itself, sorted, since clients may reorder them.
fn parameters(query: &Query) -> Vec<(String, String)> {
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut pairs: Vec<_> =
        query.pairs().filter(|(name, _)| !name.eq_ignore_ascii_case(TOKEN)).map(own).collect();
    pairs.sort();
    pairs
}

/// Returns a token with an encoded plus sign and an encoded equals sign, so that a client that decodes or
/// re-encodes it breaks it.
fn fresh_token(start: usize) -> String {
    let opaque = format!("{}+{start:06}", Uuid::new_v4().simple());
    let text = format!("{}+{}=", STANDARD.encode(opaque).trim_end_matches('='), start % 7);
    utf8_percent_encode(&text, QUERY).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::{HeaderMap, Method, Uri};

    fn call(target: &str) -> Call {
        let uri: Uri = target.parse().unwrap();
        Call::new("http", "h".to_owned(), Method::GET, &uri, HeaderMap::new()).unwrap()
    }

    #[test]
    fn a_link_works_only_unchanged() {
        let links = Links::default();
        let items: Vec<usize> = (0..5).collect();
        let first = call("/list?api-version=1&$filter=a%20eq%20'b'");
        let (page, next) = links.page(&first, "http://h", items.clone(), 2).unwrap();
        assert_eq!(page, [0, 1]);
        let next = next.unwrap();
        let target = next.strip_prefix("http://h").unwrap();
        assert!(target.contains("%2B") && target.contains("%3D"), "{target}");
        assert_eq!(links.page(&call(target), "http://h", items.clone(), 2).unwrap().0, [2, 3]);
        for spoilt in [
            target.replace("%2B", "+"),
            target.replace("%2B", "%252B"),
            target.replace("%3D", "%3d"),
            target.replace("/list", "/other"),
            target.replace("&%24filter=a%20eq%20%27b%27", ""),
            target.replace("$filter=a%20eq%20%27b%27&", ""),
        ] {
            assert!(spoilt == target || links.start(&call(&spoilt)).is_err(), "{spoilt}");
        }
    }

    #[test]
    fn the_last_page_has_no_link() {
        let links = Links::default();
        let (page, next) = links.page(&call("/list"), "http://h", vec![1, 2], 2).unwrap();
        assert_eq!((page, next), (vec![1, 2], None));
    }
}
