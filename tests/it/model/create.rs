//! Create, item by item (`contract-around.md`, Create).

use super::{
    answer::Failure,
    batch::{allowed, failure, legible, named, no_match, validation},
    operation::CreateItem,
    state::{Attribute, Scopes, Work},
};

fn exists(name: &str) -> Failure {
    let text = format!("User already has an attribute named '{name}'");
    failure("exists", text)
}

fn missing(index: usize, item: &CreateItem) -> Failure {
    let fields = [
        ("'label'", item.label.is_none()),
        ("'group'", item.group.is_none()),
        ("'value_type'", item.value_type.is_none()),
    ];
    let missing = fields.into_iter().filter(|(_, is_missing)| *is_missing);
    let missing: Vec<_> = missing.map(|(field, _)| field).collect();
    let missing = missing.join(", ");
    let text = format!("Object at index {index} missing field(s) {missing}");
    failure("missing_field", text)
}

impl Work<'_> {
    /// The name of the attribute that there is now, and that the service owns.
    pub fn create_owned(
        &mut self,
        service: &str,
        granted: &Scopes,
        index: usize,
        item: &CreateItem,
    ) -> Result<String, Failure> {
        let malformed = item.malformed.as_ref();
        legible(index, malformed, "")?;
        named(index, malformed, "template", item.template.as_ref())?;
        let (name, attribute) = match &item.template {
            Some(template) => {
                legible(index, malformed, "manual")?;
                self.lacking(template, item.manual)?
            }
            None => self.new_custom(index, item)?,
        };
        allowed(granted, &attribute.group, attribute.manual)?;
        let manual = attribute.manual;
        self.add(&name, attribute);
        self.take(service, &name, item.manual, manual);
        Ok(name)
    }

    /// What the template makes, if the user lacks it.
    fn lacking(
        &self,
        template: &str,
        manual: Option<bool>,
    ) -> Result<(String, Attribute), Failure> {
        let made = self.catalog.templates.get(template).ok_or_else(no_match)?;
        if self.state.attributes.contains_key(template) {
            return Err(exists(template));
        }
        let attribute = Attribute::of_template(template, made, manual.unwrap_or(true));
        Ok((template.to_owned(), attribute))
    }

    fn new_custom(&self, index: usize, item: &CreateItem) -> Result<(String, Attribute), Failure> {
        let malformed = item.malformed.as_ref();
        legible(index, malformed, "label")?;
        let is_label = |label: &String| (1..=100).contains(&label.chars().count());
        if item.label.as_ref().is_some_and(|label| !is_label(label)) {
            let rest = "field 'label' must have 1 to 100 characters and no control characters";
            return Err(validation(index, rest));
        }
        named(index, malformed, "group", item.group.as_ref())?;
        legible(index, malformed, "value_type")?;
        let (Some(label), Some(group), Some(value_type)) =
            (&item.label, &item.group, item.value_type)
        else {
            return Err(missing(index, item));
        };
        let value_type = match value_type {
            6 => Err("must not be 6, which is for templates"),
            0..=8 => Ok(i32::try_from(value_type).unwrap()),
            _ => Err("must be an integer from 0 to 8"),
        };
        let value_type = value_type
            .map_err(|reason| validation(index, &format!("field 'value_type' {reason}")))?;
        legible(index, malformed, "manual")?;
        if !self.catalog.groups.contains_key(group) {
            let text = "Group matching query does not exist.".to_owned();
            return Err(failure("not_found", text));
        }
        let name = self.free_name(label).map_err(|name| exists(&name))?;
        let manual = item.manual.unwrap_or(true);
        Ok((name, Attribute::custom(label, group, value_type, manual)))
    }

    /// Adds an attribute that nobody owns.
    pub fn add(&mut self, name: &str, attribute: Attribute) {
        self.state.attributes.insert(name.to_owned(), attribute);
        self.record(name, None, "CREATED");
    }

    /// Made from the label; `_2`, `_3` and so on where another label has taken it. Fails with the name of the
    /// attribute that has this label.
    pub fn free_name(&self, label: &str) -> Result<String, String> {
        let kept = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                ' '
            }
        };
        let spaced: String = label.chars().map(kept).collect();
        let mut base = spaced.split_whitespace().collect::<Vec<_>>().join("_");
        if base.is_empty() {
            "attribute".clone_into(&mut base);
        }
        for number in 1.. {
            let name = if number == 1 {
                base.clone()
            } else {
                format!("{base}_{number}")
            };
            match self.state.attributes.get(&name) {
                None => return Ok(name),
                Some(taken) if taken.label == label => return Err(name),
                Some(_) => {}
            }
        }
        unreachable!("a user has finitely many attributes")
    }
}
