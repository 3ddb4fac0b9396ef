//! What one level may not say because of what stands around it: the mode its tips belong to, and what the terminal's
//! model can do.

use serde_json::{Value, json};
use vinr_domain::Model;

use super::effective::suggestions_fit;
use super::key::Key;
use super::level::Level;
use super::sources::{Levels, Source};
use crate::rest::body::FieldError;

/// Why a level cannot say what it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A key's value does not fit.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// Offline mode on a model that cannot take payments offline (contract 1.10).
    #[error("this model cannot take payments offline")]
    OfflineNotSupported,
}

/// Checks what the level says in the light of the wider ones.
///
/// # Errors
/// [`FieldError`] naming the key.
pub fn check_level(levels: &Levels<'_>, of: Source) -> Result<(), FieldError> {
    let Some(level) = level_of(levels, of) else { return Ok(()) };
    let Some(suggestions) = level.get(Key::TipSuggestions) else { return Ok(()) };
    let percentage = json!("percentage");
    let mode = levels.seen_from(of, Key::TipMode).unwrap_or(&percentage);
    if suggestions_fit(mode, suggestions) {
        return Ok(());
    }
    let list = suggestions.as_array().map_or(&[][..], Vec::as_slice);
    let at = list.iter().position(|one| one.as_i64().is_none_or(|one| one > 100)).unwrap_or(0);
    let message = "must be 1 to 100, because the tip mode that holds here is percentage";
    Err(FieldError::invalid(format!("{}[{at}]", Key::TipSuggestions), message))
}

/// Checks what a terminal's own level says, also in the light of its model.
///
/// # Errors
/// [`Refused`].
pub fn check_terminal(levels: &Levels<'_>, model: Option<Model>) -> Result<(), Refused> {
    check_level(levels, Source::Terminal)?;
    let can = model.map(Model::capabilities);
    let enables = levels.terminal.get(Key::OfflineEnabled) == Some(&Value::Bool(true));
    if enables && can.is_none_or(|can| can.offline.is_none()) {
        return Err(Refused::OfflineNotSupported);
    }
    let channels = levels.terminal.get(Key::ReceiptChannels).and_then(Value::as_array);
    let prints = channels.is_some_and(|channels| channels.contains(&json!("print")));
    if prints && !can.is_some_and(|can| can.printer) {
        let message = "must not contain print: this model has no printer";
        return Err(FieldError::invalid(Key::ReceiptChannels.to_string(), message).into());
    }
    Ok(())
}

fn level_of<'a>(levels: &Levels<'a>, of: Source) -> Option<&'a Level> {
    levels.narrowest_first().into_iter().find_map(|(level, source)| (source == of).then_some(level))
}
