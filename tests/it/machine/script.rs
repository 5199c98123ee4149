//! A sequence of steps as plain text: one a line, as JSON.

use crate::model::Operation;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which of the users of the script.
    pub user: String,
    #[serde(flatten)]
    pub operation: Operation,
}

#[derive(Clone, PartialEq, Eq)]
pub struct Script(pub Vec<Step>);

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&serde_json::to_string(self).unwrap())
    }
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Script {
    type Err = serde_json::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let lines = text.lines().filter(|line| !line.is_empty());
        let steps = lines.map(serde_json::from_str).collect::<Result<_, _>>();
        steps.map(Self)
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::default()
    })]

    #[test]
    fn a_printed_script_is_read_back_equal(script in super::strategy::script()) {
        let read: Script = script.to_string().parse().unwrap();
        proptest::prop_assert_eq!(read, script);
    }
}
