//! The step type `keyvault_secret_set`.

use arcbook_engine::step::{
    Action, Arg, ArgumentError, Arguments, Body, Change, Difference, Effect, Existing, Method, Mismatch,
    Outputs, Prior, PriorState, Receipt, Response, Safety, StepError, Title,
};
use arcbook_engine::value::Value;
use serde_json::{Value as Json, json};

use crate::azure::Azure;
use crate::keyvault::{
    Bundle, Moment, RemoveSecret, Right, SecretProof, SetBack, Tags, attributes_of, check_vault, recover_url,
    request, secret_title, secret_url, vault_url,
};
use crate::names::{SecretName, Vault};
use crate::session::Session;
use crate::step::{Done, TypedStep};
use crate::undo::{Either, Undo};

/// The maximum length of a value, in bytes.
const LONGEST: usize = 25 * 1024;

/// Keeps a secret of a key vault as declared: sets a new version if its value differs, and changes its attributes
/// if only they do.
///
/// The step reads the secret and compares it in memory; no page and no record shows the value or a digest of it. A
/// secret that is as declared gets no new version. Arguments that are left out are not compared: a new version takes over
/// the content type and the tags of the one before it, and has no other attributes. The value of a disabled secret cannot
/// be read, and is not compared.
///
/// An undo deletes a secret that the step created, so that it can still be recovered. After an update, an undo sets the
/// older value and its attributes again, as a new version, because a version cannot be removed. It reads the older value
/// from the vault. An undo keeps a secret that has changed since.
#[derive(Arguments, Debug)]
pub struct KeyvaultSecretSet {
    /// Name of the vault, or its URI (`vaultUri` in ARM), such as `https://NAME.vault.azure.net`.
    vault: Arg<Vault>,
    /// Name of the secret.
    pub(super) name: Arg<SecretName>,
    /// Value of the secret, of up to 25 KiB.
    #[argument(sensitive, sink = "body")]
    value: Arg<String>,
    /// If true, an existing secret keeps its value, and `value` is for a new one alone; defaults to false.
    ///
    /// A password from `random` is made once like this, and not in every run.
    keep_value: Option<Arg<bool>>,
    /// Content type of the secret, such as `text/plain`.
    #[argument(sink = "setting")]
    content_type: Option<Arg<String>>,
    /// All tags of the secret.
    #[argument(sink = "setting")]
    tags: Option<Arg<Tags>>,
    /// Start of the secret's validity, such as `2030-01-31T12:00:00Z` or the seconds since 1970; for information only.
    not_before: Option<Arg<Moment>>,
    /// End of the secret's validity, in the same form; for information only.
    expires_on: Option<Arg<Moment>>,
    /// If false, the secret is disabled: nobody can read its value; defaults to true.
    enabled: Option<Arg<bool>>,
    /// If true, a deleted secret of that name is recovered first; defaults to false.
    ///
    /// Without it, a deleted secret that can still be recovered keeps its name, and the step fails.
    recover: Option<Arg<bool>>,
    /// If false, the step reads nothing and sets a new version in every run; defaults to true.
    ///
    /// An identity that may set secrets but not read them needs it.
    compare: Option<Arg<bool>>,
}

/// The outputs of `keyvault_secret_set`.
#[derive(Outputs, Debug)]
pub struct Set {
    /// Id of the secret: a URL that ends in its version; null if the secret is disabled and was not changed.
    #[output(answer)]
    pub(super) id: Option<String>,
    /// Version of the secret; null if the secret is disabled and was not changed.
    #[output(answer)]
    pub(super) version: Option<String>,
    /// True if this run set a new version.
    #[output(answer)]
    pub(super) new_version: bool,
}

/// The secret as it is in the vault.
pub(super) enum Found {
    Absent,
    /// The service does not return a disabled secret.
    Disabled,
    Enabled(Bundle),
}

fn is_true(argument: Option<&Arg<bool>>) -> Option<bool> {
    argument.map_or(Some(false), |argument| argument.value().copied())
}

impl KeyvaultSecretSet {
    fn url(&self, azure: &Azure) -> arcbook_engine::step::Text {
        secret_url(azure, &self.vault, &self.name)
    }

    pub(super) fn look(&self, azure: &Azure) -> Action {
        request(azure, Method::Get, self.url(azure)).action().needs(Right::Get.at(self.url(azure)))
    }

    /// Returns the setting of a new version. Each repetition would set one more, so it is sent once.
    pub(super) fn put(&self, azure: &Azure) -> Action {
        let request = request(azure, Method::Put, self.url(azure)).header("content-type", "application/json");
        let action = request.body(Body::Unknown).action().safety(Safety::Once);
        action.needs(Right::Set.at(self.url(azure)))
    }

    /// Returns the change of the attributes of the latest version, which the service selects where the URL has an empty
    /// version, as in Microsoft's clients.
    pub(super) fn patch(&self, azure: &Azure) -> Action {
        let request = request(azure, Method::Patch, self.url(azure).then("/"));
        let request = request.header("content-type", "application/json").body(Body::Unknown);
        request.action().safety(Safety::Idempotent).needs(Right::Update.at(self.url(azure)))
    }

    pub(super) fn recovery(&self, azure: &Azure) -> Action {
        let action = request(azure, Method::Post, recover_url(azure, &self.vault, &self.name)).action();
        action.safety(Safety::Idempotent).needs(Right::Recover.at(vault_url(azure, &self.vault)))
    }

    /// Returns the value of `compare`; none if it is unknown.
    fn compares(&self) -> Option<bool> {
        self.compare.as_ref().map_or(Some(true), |compare| compare.value().copied())
    }

    pub(super) fn reads(&self) -> bool {
        self.compares() != Some(false)
    }

    pub(super) fn recovers(&self) -> bool {
        is_true(self.recover.as_ref()) == Some(true)
    }

    pub(super) fn wants_enabled(&self) -> bool {
        self.enabled.as_ref().and_then(Arg::value).copied().unwrap_or(true)
    }

    pub(super) fn value(&self) -> Result<&str, StepError> {
        self.value.get().map(String::as_str)
    }

    /// Returns true if the record must hold nothing of the secret but its name.
    fn is_secret(&self, session: &Session) -> bool {
        let is_sensitive = |argument: Option<bool>| argument.unwrap_or_default();
        session.is_sensitive()
            || is_sensitive(self.content_type.as_ref().map(Arg::is_sensitive))
            || is_sensitive(self.tags.as_ref().map(Arg::is_sensitive))
    }

    /// Returns true if an existing secret keeps its value.
    pub(super) fn keeps_value(&self) -> Result<bool, StepError> {
        Ok(self.keep_value.as_ref().map(Arg::get).transpose()? == Some(&true))
    }

    /// Returns true if an existing secret has the wanted value.
    pub(super) fn is_kept(&self, bundle: &Bundle) -> Result<bool, StepError> {
        Ok(self.keeps_value()? || bundle.value.as_deref() == Some(self.value()?))
    }

    /// Returns the differences of the attributes.
    pub(super) fn differences(&self, bundle: &Bundle) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut add = |name: &str, was: Value, will: Value, secret: bool| {
            if was != will {
                found.push(Difference::new(name, was, will).hidden(secret));
            }
        };
        if let Some(content_type) = &self.content_type {
            let was = bundle.content_type.as_deref().map_or(Value::NULL, Value::from);
            let will = content_type.value().map_or(Value::NULL, |text| Value::from(text.as_str()));
            add("content_type", was, will, content_type.is_sensitive());
        }
        if let Some(tags) = &self.tags
            && let Some(wanted) = tags.value()
        {
            let kept = bundle.tags();
            let names: std::collections::BTreeSet<&String> = kept.keys().chain(wanted.keys()).collect();
            for name in names {
                let side =
                    |tags: &Tags| tags.get(name).map_or(Value::NULL, |text| Value::from(text.as_str()));
                // A name can be as secret as its value.
                let path = if tags.is_sensitive() { "tags".to_owned() } else { format!("tags.{name}") };
                add(&path, side(&kept), side(wanted), tags.is_sensitive());
            }
        }
        for (name, argument, was) in [
            ("not_before", &self.not_before, bundle.attributes.nbf),
            ("expires_on", &self.expires_on, bundle.attributes.exp),
        ] {
            let Some(argument) = argument else { continue };
            let shown = |time: Option<Moment>| time.map_or(Value::NULL, |time| Value::string(time.shown()));
            add(name, shown(was.map(Moment)), shown(argument.value().copied()), argument.is_sensitive());
        }
        add("enabled", bundle.is_enabled().into(), self.wants_enabled().into(), false);
        found
    }

    /// Returns the attributes that a request declares; a new version takes over those of `earlier` that are left out.
    pub(super) fn attributes(&self, earlier: Option<&Bundle>) -> Json {
        let mut body = json!({ "attributes": { "enabled": self.wants_enabled() } });
        let content_type = self.content_type.as_ref().and_then(Arg::value).cloned();
        if let Some(text) = content_type.or_else(|| earlier?.content_type.clone()) {
            body["contentType"] = text.into();
        }
        let tags = self.tags.as_ref().and_then(Arg::value).cloned();
        if let Some(tags) = tags.or_else(|| earlier.map(Bundle::tags)) {
            body["tags"] = json!(tags);
        }
        for (name, argument) in [("nbf", &self.not_before), ("exp", &self.expires_on)] {
            if let Some(Moment(seconds)) = argument.as_ref().and_then(Arg::value) {
                body["attributes"][name] = json!(seconds);
            }
        }
        body
    }

    /// Returns the result for the version of `bundle`.
    pub(super) fn done(&self, session: &Session, bundle: &Bundle, change: Change, is_new: bool) -> Done<Set> {
        let set = Set {
            id: Some(bundle.id.clone()),
            version: Some(bundle.version().to_owned()),
            new_version: is_new,
        };
        match change {
            Change::None => Done::unchanged(set),
            change if self.is_secret(session) => Done::changed(set, change),
            change => Done::changed(set, change).receipt(self.proof(session.azure(), bundle).into_value()),
        }
    }

    fn proof(&self, azure: &Azure, bundle: &Bundle) -> SecretProof {
        let url = self.url(azure).reveal().unwrap_or_default();
        SecretProof { url, version: Some(bundle.version().to_owned()), time: bundle.attributes.updated }
    }
}

impl TypedStep for KeyvaultSecretSet {
    const TYPE: &'static str = "keyvault_secret_set";
    const EXAMPLE: &'static str = r#"variable "password" {
  type      = string
  sensitive = true
  default   = "correct horse battery staple"
}

step "keyvault_secret_set" "database" {
  vault        = "sandbox00000000"
  name         = "database"
  value        = var.password
  content_type = "text/plain"
  tags         = { owner = "arcbook" }
}

output "version" {
  value = step.keyvault_secret_set.database.version
}
"#;
    const EFFECT: Effect = Effect::Changes;
    const IDEMPOTENT: bool = true;
    const RESPONSE: Response = Response::None;
    const FINDS: bool = true;
    type Output = Set;

    fn check(&self, azure: &Azure) -> Vec<ArgumentError> {
        let is_long = self.value.value().is_some_and(|value| value.len() > LONGEST);
        let long = is_long.then(|| ArgumentError::new("value", "must be at most 25 KiB long"));
        check_vault(azure, &self.vault).into_iter().chain(long).collect()
    }

    fn title(&self) -> Title {
        secret_title(&self.vault, &self.name)
    }

    fn actions(&self, azure: &Azure) -> Vec<Action> {
        let looks = self.reads().then(|| self.look(azure));
        let patches = self.reads().then(|| self.patch(azure));
        let recovers = (is_true(self.recover.as_ref()) != Some(false)).then(|| self.recovery(azure));
        // The end of a recovery is read.
        let looks = looks.or_else(|| recovers.is_some().then(|| self.look(azure)));
        [looks, Some(self.put(azure)), patches, recovers].into_iter().flatten().collect()
    }

    async fn find(&self, session: &Session) -> Result<Existing<Done<Set>>, StepError> {
        if !self.reads() {
            return Ok(Existing::unknown("`compare` is false"));
        }
        let bundle = match self.found(session).await {
            Ok(Found::Absent) => return Ok(Existing::Absent),
            Ok(Found::Disabled) if self.wants_enabled() => {
                return Ok(Existing::Different(vec![Difference::new("enabled", false, true)], None));
            }
            Ok(Found::Disabled) => {
                let set = Set { id: None, version: None, new_version: false };
                return Ok(Existing::AsWanted(Done::unchanged(set)));
            }
            Ok(Found::Enabled(bundle)) => bundle,
            Err(error) if error.status() == Some(403) => return Ok(Existing::unanswered(&error)),
            Err(error) => return Err(error),
        };
        if let Some(left) = session.recorded("version").and_then(Value::as_str)
            && left != bundle.version()
        {
            let (was, is) = (Some(left.to_owned()), Some(bundle.version().to_owned()));
            return Ok(Existing::Altered(vec![Mismatch { name: "version".to_owned(), was, is }]));
        }
        let mut found = self.differences(&bundle);
        if !self.is_kept(&bundle)? {
            found.insert(0, Difference::new("value", Value::NULL, Value::NULL).hidden(true));
        }
        if found.is_empty() {
            return Ok(Existing::AsWanted(self.done(session, &bundle, made(session), made_new(session))));
        }
        let prior = (!self.is_secret(session)).then(|| Prior::of(attributes_of(&bundle)));
        Ok(Existing::Different(found, prior))
    }

    fn undo(azure: &Azure, receipt: &Receipt) -> Option<impl Undo> {
        Some(match receipt.change {
            Some(Change::Created) => Either::One(RemoveSecret::of(azure, receipt)?),
            Some(Change::Updated) => Either::Other(SetBack::of(azure, receipt)?),
            _ => return None,
        })
    }

    async fn run(&self, session: &Session) -> Result<Done<Set>, StepError> {
        self.keep(session).await
    }
}

/// Returns the change that an earlier attempt made, if the secret is as declared now.
fn made(session: &Session) -> Change {
    match session.before() {
        None => Change::None,
        Some(PriorState::Absent) => Change::Created,
        Some(PriorState::Present | PriorState::Unknown) => Change::Updated,
    }
}

fn made_new(session: &Session) -> bool {
    session.before() == Some(PriorState::Absent)
}
