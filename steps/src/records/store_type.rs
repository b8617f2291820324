//! The arguments of a `record` block.

use std::sync::Arc;

use arcbook_engine::step::{
    Arg, ArgumentError, ArgumentValues, Arguments, RecordStore, RecordStoreSchema, RecordStoreType,
};
use arcbook_engine::value::Value;
use percent_encoding::percent_decode_str;

use super::store::Store;
use crate::azure::Azure;
use crate::blob::check_account;
use crate::names::{Account, BlobName, Container};

/// Keeps each record as a blob, which is created once.
#[derive(Arguments, Clone, Debug)]
pub(crate) struct BlobRecords {
    /// Name of the storage account, or its blob endpoint, such as `https://NAME.blob.core.windows.net`.
    pub account: Arg<Account>,
    /// Name of the container, which must exist. It may be immutable: a record is written once.
    pub container: Arg<Container>,
    /// Start of the names of the blobs, such as `west`; a slash follows it. By default there is none.
    pub prefix: Option<Arg<BlobName>>,
}

/// The kind of places that a `record` block names.
pub(crate) struct BlobRecordStores {
    schema: RecordStoreSchema,
    azure: Arc<Azure>,
}

/// The forms of a place on a command line.
const FORM: &str = "it must be ACCOUNT/CONTAINER, ACCOUNT/CONTAINER/PREFIX, or the URL of a container";

impl BlobRecordStores {
    pub fn new(azure: Arc<Azure>) -> Self {
        let schema = RecordStoreSchema { arguments: BlobRecords::fields(), groups: BlobRecords::GROUPS };
        Self { schema, azure }
    }

    /// Returns the place that these arguments name.
    pub fn store(&self, arguments: &ArgumentValues) -> Result<Store, Vec<ArgumentError>> {
        let records = BlobRecords::take(arguments)?;
        match check_account(&self.azure, &records.account) {
            Some(error) => Err(vec![error]),
            None => Ok(Store::new(Arc::clone(&self.azure), records)),
        }
    }

    /// Returns the place that a text names; the error is a clause, which does not repeat the text: it may hold a
    /// signature.
    pub fn parsed(&self, place: &str) -> Result<Store, String> {
        let (account, rest) = if let Some((scheme, rest)) = place.split_once("://") {
            if rest.contains(['?', '#', '@']) {
                let why = "it must have no user, query or fragment: the machine's identity is used";
                return Err(why.to_owned());
            }
            let (host, rest) = rest.split_once('/').ok_or(FORM)?;
            let rest = percent_decode_str(rest).decode_utf8().map_err(|_| FORM)?.into_owned();
            (format!("{scheme}://{host}"), rest)
        } else {
            let (account, rest) = place.split_once('/').ok_or(FORM)?;
            (account.to_owned(), rest.to_owned())
        };
        let rest = rest.strip_suffix('/').unwrap_or(&rest);
        let (container, prefix) = rest.split_once('/').map_or((rest, None), |(one, two)| (one, Some(two)));
        let mut arguments = ArgumentValues::new();
        let given = [("account", Some(account.as_str())), ("container", Some(container)), ("prefix", prefix)];
        for (name, text) in given {
            arguments.extend(text.map(|text| (name.into(), Value::from(text))));
        }
        let told = |errors: Vec<ArgumentError>| {
            let errors = errors.iter().map(|error| format!("its {} {}", error.argument(), error.message));
            errors.collect::<Vec<_>>().join("; ")
        };
        self.store(&arguments).map_err(told)
    }
}

impl RecordStoreType for BlobRecordStores {
    fn schema(&self) -> &RecordStoreSchema {
        &self.schema
    }

    fn prepare(&self, arguments: &ArgumentValues) -> Result<Arc<dyn RecordStore>, Vec<ArgumentError>> {
        Ok(Arc::new(self.store(arguments)?))
    }

    fn parse(&self, place: &str) -> Result<Arc<dyn RecordStore>, String> {
        Ok(Arc::new(self.parsed(place)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::AzureOptions;
    use crate::environment::Environment;

    #[test]
    fn a_place_is_a_container_and_a_prefix() {
        let azure = Arc::new(Azure::new(AzureOptions::new(Environment::default())));
        let kind = BlobRecordStores::new(azure);
        let url = "https://acc01.blob.core.windows.net/records/";
        for (text, expected) in [
            ("acc01/records", url.to_owned()),
            ("acc01/records/", url.to_owned()),
            ("acc01/records/west/a b", format!("{url}west/a%20b/")),
            ("https://acc01.blob.core.windows.net/records", url.to_owned()),
            ("https://ACC01.blob.core.windows.net/records/west/a%20b/", format!("{url}west/a%20b/")),
        ] {
            let store = kind.parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(store.place(), expected, "{text}");
            // The place is a text for the same place.
            assert_eq!(kind.parse(store.place()).expect("a place").place(), expected);
        }
        for text in [
            "",
            "acc01",
            "acc01/",
            "records/",
            "Acc/records",
            "acc01/Re",
            "acc01/records/../x",
            "acc01/records//x",
            "https://acc01.blob.core.windows.net",
            "https://acc01.blob.core.windows.net/records?sig=hunter2",
            "https://hunter2@acc01.blob.core.windows.net/records",
            "https://acc01.blob.core.windows.net/records#hunter2",
            "https://acc01.blob.core.windows.net/records/%ff",
            "https://acc01.blob.core.windows.net/records/a%2F..%2Fb",
            "https://evil.example/records",
            "http://acc01.blob.core.windows.net/records",
            "ftp://acc01.blob.core.windows.net/records",
        ] {
            let error = kind.parse(text).err().unwrap_or_else(|| panic!("{text} is no place"));
            assert!(!error.contains("hunter2"), "{text}: {error}");
        }
    }
}
