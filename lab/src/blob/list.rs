//! Lists of containers and blobs, as XML.

use std::fmt::Write as _;

use hyper::StatusCode;

use super::AccountRequest;
use super::answer::{escape, xml};
use super::authorize::BlobPermission;
use super::store::{Blob, Container, Stamp};
use crate::clock;
use crate::exchange::{Answer, Refused};

/// Maximum and default page size.
const MAX_PAGE_SIZE: usize = 5000;

/// The parameters of a list request.
struct ListQuery<'a> {
    prefix: &'a str,
    delimiter: Option<&'a str>,
    /// The first name of the page.
    marker: &'a str,
    size: usize,
    metadata: bool,
}

/// An entry in a list of blobs.
enum Entry<'a> {
    Blob(&'a str, &'a Blob),
    /// The common prefix of several names, up to the delimiter.
    Prefix(String),
}

impl AccountRequest<'_> {
    pub(super) fn list_containers(self) -> Result<Answer, Refused> {
        self.requires(None, BlobPermission::ReadContainer)?;
        let query = self.list_query()?;
        let containers = self.store.lock();
        let mut names = containers
            .iter()
            .filter(|(name, _)| name.starts_with(query.prefix) && name.as_str() >= query.marker);
        let page: String = names
            .by_ref()
            .take(query.size)
            .map(|(name, container)| container_xml(name, container, &query))
            .collect();
        let next = names.next().map(|(name, _)| name.as_str()).unwrap_or_default();
        let root = format!("<EnumerationResults ServiceEndpoint=\"{}/\">", escape(&self.call.base()));
        Ok(results(&root, "Containers", &query, &page, next))
    }

    pub(super) fn list_blobs(self, name: &str) -> Result<Answer, Refused> {
        self.requires(Some(name), BlobPermission::ReadBlob)?;
        let query = self.list_query()?;
        self.in_container(name, |container| {
            let entries = entries(container, &query);
            let page: String = entries.iter().take(query.size).map(|entry| entry.xml(&query)).collect();
            let next = entries.get(query.size).map(Entry::name).unwrap_or_default();
            let root = format!(
                "<EnumerationResults ServiceEndpoint=\"{}/\" ContainerName=\"{}\">",
                escape(&self.call.base()),
                escape(name)
            );
            Ok(results(&root, "Blobs", &query, &page, next))
        })
    }

    fn list_query(&self) -> Result<ListQuery<'_>, Refused> {
        let parameters = &self.call.query;
        let size = match parameters.get("maxresults").map(str::parse::<usize>) {
            None => MAX_PAGE_SIZE,
            Some(Ok(size)) if size > 0 => size.min(MAX_PAGE_SIZE),
            Some(_) => {
                let message =
                    "Value for one of the query parameters specified in the request URI is invalid.";
                return Err(self.refused(StatusCode::BAD_REQUEST, "OutOfRangeQueryParameterValue", message));
            }
        };
        Ok(ListQuery {
            prefix: parameters.get("prefix").unwrap_or_default(),
            delimiter: parameters.get("delimiter").filter(|delimiter| !delimiter.is_empty()),
            marker: parameters.get("marker").unwrap_or_default(),
            size,
            metadata: parameters
                .get("include")
                .is_some_and(|include| include.split(',').any(|part| part == "metadata")),
        })
    }
}

/// Returns one page of entries, plus the first entry of the next page if there is one.
fn entries<'a>(container: &'a Container, query: &ListQuery<'_>) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    for (name, blob) in &container.blobs {
        let Some(rest) = name.strip_prefix(query.prefix) else { continue };
        let cut = query.delimiter.and_then(|delimiter| rest.find(delimiter).map(|at| at + delimiter.len()));
        let entry = match cut {
            Some(cut) => Entry::Prefix(name[..query.prefix.len() + cut].to_owned()),
            None => Entry::Blob(name, blob),
        };
        let seen = entries.last().is_some_and(|last| last.name() == entry.name());
        if entry.name() < query.marker || seen {
            continue;
        }
        entries.push(entry);
        if entries.len() > query.size {
            break;
        }
    }
    entries
}

impl Entry<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Blob(name, _) => name,
            Self::Prefix(prefix) => prefix,
        }
    }

    fn xml(&self, query: &ListQuery<'_>) -> String {
        match self {
            Self::Blob(name, blob) => blob_xml(name, blob, query),
            Self::Prefix(prefix) => format!("<BlobPrefix><Name>{}</Name></BlobPrefix>", escape(prefix)),
        }
    }
}

fn results(root: &str, kind: &str, query: &ListQuery<'_>, page: &str, next: &str) -> Answer {
    let mut body = format!("\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>{root}");
    let delimiter = query.delimiter.unwrap_or_default();
    for (name, value) in [("Prefix", query.prefix), ("Marker", query.marker), ("Delimiter", delimiter)] {
        if !value.is_empty() {
            element(&mut body, name, value);
        }
    }
    element(&mut body, "MaxResults", &query.size.to_string());
    let _ = write!(body, "<{kind}>{page}</{kind}>");
    element(&mut body, "NextMarker", next);
    body.push_str("</EnumerationResults>");
    xml(StatusCode::OK, body)
}

fn container_xml(name: &str, container: &Container, query: &ListQuery<'_>) -> String {
    let mut text = String::from("<Container>");
    element(&mut text, "Name", name);
    text.push_str("<Properties>");
    stamp(&mut text, &container.stamp);
    element(&mut text, "LeaseStatus", "unlocked");
    element(&mut text, "LeaseState", "available");
    text.push_str("</Properties>");
    metadata(&mut text, &container.metadata, query);
    text.push_str("</Container>");
    text
}

fn blob_xml(name: &str, blob: &Blob, query: &ListQuery<'_>) -> String {
    let headers = &blob.headers;
    let mut text = String::from("<Blob>");
    element(&mut text, "Name", name);
    text.push_str("<Properties>");
    element(&mut text, "Creation-Time", &clock::http(blob.created));
    stamp(&mut text, &blob.stamp);
    element(&mut text, "Content-Length", &blob.content.len().to_string());
    element(&mut text, "Content-Type", headers.content_type.as_deref().unwrap_or("application/octet-stream"));
    for (name, value) in [
        ("Content-Encoding", &headers.encoding),
        ("Content-Language", &headers.language),
        ("Content-MD5", &headers.md5),
        ("Cache-Control", &headers.cache_control),
        ("Content-Disposition", &headers.disposition),
    ] {
        element(&mut text, name, value.as_deref().unwrap_or_default());
    }
    element(&mut text, "BlobType", "BlockBlob");
    element(&mut text, "AccessTier", "Hot");
    element(&mut text, "AccessTierInferred", "true");
    element(&mut text, "LeaseStatus", "unlocked");
    element(&mut text, "LeaseState", "available");
    element(&mut text, "ServerEncrypted", "true");
    text.push_str("</Properties>");
    metadata(&mut text, &blob.metadata, query);
    text.push_str("</Blob>");
    text
}

/// Writes the last change. In lists the ETag has no quotes, unlike in headers.
fn stamp(text: &mut String, stamp: &Stamp) {
    element(text, "Last-Modified", &clock::http(stamp.modified));
    element(text, "Etag", &stamp.etag);
}

fn metadata(text: &mut String, metadata: &super::store::Metadata, query: &ListQuery<'_>) {
    if query.metadata {
        text.push_str("<Metadata>");
        for (name, value) in metadata {
            element(text, name, value);
        }
        text.push_str("</Metadata>");
    }
}

fn element(text: &mut String, name: &str, value: &str) {
    if value.is_empty() {
        let _ = write!(text, "<{name} />");
    } else {
        let _ = write!(text, "<{name}>{}</{name}>", escape(value));
    }
}
