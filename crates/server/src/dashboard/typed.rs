//! What somebody typed into a form, with what is wrong with it: a form that was not taken is shown again as it was sent,
//! and says at the field what to change. Decides nothing.

use super::form::Fields;
use super::page::Trouble;
use crate::refusal::Refusal;

/// A form as it is shown: what stands in its fields, and what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Typed {
    fields: Fields,
    wrong: Vec<(String, String)>,
}

impl Typed {
    /// A form with this in its fields.
    pub(super) fn new(fields: Fields) -> Self {
        Self { fields, wrong: Vec::new() }
    }

    /// What stands in its fields.
    pub(super) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// What stands in the field.
    pub(super) fn text(&self, name: &str) -> String {
        self.fields.text(name)
    }

    /// What is wrong with the field.
    pub(super) fn wrong(&self, name: &str) -> Option<&str> {
        self.wrong.iter().find(|(field, _)| field == name).map(|(_, message)| message.as_str())
    }

    /// Whether anything is.
    pub(super) fn is_wrong(&self) -> bool {
        !self.wrong.is_empty()
    }

    /// Says what is wrong with the field.
    pub(super) fn blame(&mut self, field: impl Into<String>, message: impl Into<String>) {
        self.wrong.push((field.into(), message.into()));
    }

    /// Says what is wrong, if the trouble is with one of these fields.
    ///
    /// # Errors
    /// The trouble, when it is another one.
    pub(super) fn blamed(mut self, trouble: Trouble, fields: &[&str]) -> Result<Self, Trouble> {
        let (param, message) = match &trouble {
            Trouble::Field(name, message) => (Some(*name), message.clone()),
            Trouble::Refused(Refusal::Field(error)) => (error.param.as_deref(), error.message.clone()),
            Trouble::Refused(Refusal::Stated(said)) => (said.param.as_deref(), said.message.to_string()),
            _ => (None, String::new()),
        };
        // `tip[suggestions][2]` is about `tip[suggestions]`, `address[city]` about `city`.
        let is = |field: &&&str| {
            param.is_some_and(|param| param.starts_with(**field) || param.ends_with(&format!("[{field}]")))
        };
        match fields.iter().find(is) {
            Some(field) => {
                self.blame(*field, message);
                Ok(self)
            }
            None => Err(trouble),
        }
    }
}

#[cfg(test)]
mod tests {
    use vinr_wire::rest::body::FieldError;

    use super::*;

    #[test]
    fn a_field_is_blamed_by_whatever_name_the_application_has_for_it() {
        let typed = || Typed::new(Fields::of_query("city=Zug"));
        let trouble = |param: &str| Trouble::from(FieldError::invalid(param, "is too long"));
        let blamed = typed().blamed(trouble("address[city]"), &["displayName", "city"]).unwrap();
        assert_eq!((blamed.text("city").as_str(), blamed.wrong("city")), ("Zug", Some("is too long")));
        let blamed = typed().blamed(trouble("tip[suggestions][2]"), &["tip[suggestions]"]).unwrap();
        assert!(blamed.is_wrong() && blamed.wrong("tip[suggestions]").is_some());
        assert!(typed().blamed(trouble("metadata"), &["city"]).is_err());
        assert!(typed().blamed(Trouble::NoSuchPage, &["city"]).is_err());
    }
}
