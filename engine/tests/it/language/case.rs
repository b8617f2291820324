//! One configuration of the corpus, with Terraform's result.

use std::collections::{BTreeMap, BTreeSet};

use arcbook_engine::value::{Data, Entries, Value};

use super::answer::{Answer, Given, Stage, answer};
use super::translate::{address, translate};

pub struct Case {
    pub id: String,
    files: BTreeMap<String, String>,
    variables: String,
    expected: Answer,
    error: String,
}

impl Case {
    /// Parses a line of the corpus; its numbers stay exact.
    pub fn read(line: &str) -> Self {
        let fields = Fields(Value::parse_json(line).unwrap());
        let files = fields.entries("files").map(|(name, text)| (name, text.as_str().unwrap().to_owned()));
        Self {
            id: fields.text("id").unwrap(),
            files: files.collect(),
            variables: fields.get("vars").unwrap().to_json_text().unwrap(),
            expected: expected(&fields),
            error: fields.text("error").unwrap_or_default(),
        }
    }

    /// Returns a description of the difference from Terraform, if any.
    pub fn difference(&self) -> Option<String> {
        let folder = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for (name, text) in &self.files {
            let (name, text) = translate(name, text);
            let path = folder.path().join(&name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, &text).unwrap();
            files.push(format!("--- {name}\n{text}"));
        }
        let (mut ours, said) = answer(folder.path(), &self.variables);
        if let (Answer::Gives { warns, .. }, Answer::Gives { warns: false, .. }) = (&mut ours, &self.expected)
        {
            *warns = false;
        }
        (ours != self.expected).then(|| {
            format!(
                "{}:\n{}\n--- variables\n{}\n  ours:   {ours:?} {said}\n  theirs: {:?} {}\n",
                self.id,
                files.join("\n"),
                self.variables,
                self.expected,
                self.error
            )
        })
    }
}

fn expected(fields: &Fields) -> Answer {
    if fields.get("ok") != Some(&Value::from(false)) {
        let types: BTreeMap<_, _> = fields.entries("output_types").collect();
        let sensitive: BTreeSet<_> = fields.texts("sensitive_outputs").collect();
        let outputs = fields.entries("outputs").map(|(name, value)| {
            let given = Given {
                json: value.to_json_text().unwrap(),
                ty: types[&name].to_json_text().unwrap(),
                sensitive: sensitive.contains(name.as_str()),
            };
            (name, given)
        });
        let steps = fields.texts("planned").map(|planned| address(planned.strip_suffix(" create").unwrap()));
        let warns = fields.texts("warnings").next().is_some();
        return Answer::Gives { outputs: outputs.collect(), steps: steps.collect(), warns };
    }
    match fields.text("phase").as_deref() {
        Some("plan") => Answer::Fails(Stage::Plan),
        Some("apply") => Answer::Fails(Stage::Run),
        phase => unreachable!("the phase {phase:?}"),
    }
}

/// The fields of a line.
struct Fields(Value);

impl Fields {
    fn get(&self, name: &str) -> Option<&Value> {
        entries(&self.0).get(name)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.as_str().map(ToOwned::to_owned)
    }

    fn texts<'a>(&'a self, name: &str) -> impl Iterator<Item = String> + use<'a> {
        let all = self.get(name).into_iter().flat_map(Value::children);
        all.map(|text| text.as_str().unwrap().to_owned())
    }

    fn entries<'a>(&'a self, name: &str) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
        let all = self.get(name).into_iter().flat_map(entries);
        all.map(|(name, value)| (name.to_string(), value))
    }
}

fn entries(value: &Value) -> &Entries {
    let Data::Object(entries) = value.data() else { unreachable!("an object") };
    entries
}
