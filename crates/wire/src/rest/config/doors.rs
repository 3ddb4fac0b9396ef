//! What of a configuration is about the merchant's network: which doors hold open, and the level that says so. The paths
//! `/lan` and `/configure` write the same keys.

use serde_json::{Value, json};

use super::effective::Effective;
use super::key::Key;
use super::level::Patch;
use crate::rest::lan::LanModes;

impl Effective {
    /// What the terminal is to serve in the merchant's network.
    #[must_use]
    pub fn lan_modes(&self) -> LanModes {
        let on = |key| self.get(key).is_some_and(|resolved| resolved.value == json!(true));
        let local_api = on(Key::LocalApiEnabled);
        let open_wire = local_api && on(Key::LocalApiPlainHttp);
        LanModes { local_api, open_wire, cashless: on(Key::CashlessApiEnabled) }
    }
}

impl From<LanModes> for Patch {
    /// Says every door: whatever the wider levels say, this is served.
    fn from(modes: LanModes) -> Self {
        let LanModes { local_api, open_wire, cashless } = modes;
        let doors = [
            (Key::LocalApiEnabled, local_api),
            (Key::LocalApiPlainHttp, open_wire),
            (Key::CashlessApiEnabled, cashless),
        ];
        Self(doors.into_iter().map(|(key, open)| (key, Some(Value::from(open)))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rest::config::{Cap, Device, Level, Levels, resolve};

    fn served(location: &Value, terminal: &Level) -> LanModes {
        let (account, location) = (Level::default(), Level::from_json(location));
        let levels = Levels { account: &account, location: &location, terminal };
        resolve(&levels, Cap::default(), Device { model: None, currency: None }).lan_modes()
    }

    #[test]
    fn the_terminal_s_word_goes_before_the_location_s_and_nobody_s_is_closed() {
        let everything =
            json!({"localApi": {"enabled": true, "plainHttp": true}, "cashlessApi": {"enabled": true}});
        assert_eq!(served(&json!({}), &Level::default()), LanModes::default());
        let all = LanModes { local_api: true, open_wire: true, cashless: true };
        assert_eq!(served(&everything, &Level::default()), all);
        let own = Patch::from(LanModes { cashless: true, ..LanModes::default() }).alone();
        assert_eq!(served(&everything, &own), LanModes { cashless: true, ..LanModes::default() });
        // An open wire is a way to the Local API, and none without it.
        assert_eq!(served(&json!({"localApi": {"plainHttp": true}}), &Level::default()), LanModes::default());
    }
}
