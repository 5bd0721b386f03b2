//! What of a pack this version meets, said row by row.

use jiff::civil::Date;

use crate::{
    control::{Control, ControlStatus},
    obligation::Obligation,
    pack::Pack,
    parameter::Parameter,
    text::Text,
};

/// How much of a duty the controls of this version cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ObligationState {
    /// Every control that the row names works in this version.
    Covered,
    /// Some do.
    Partly,
    /// None does yet.
    Planned,
    /// The row names none: it binds somebody else, or is no work for software.
    NoControl,
}

/// One row's standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowStatus<'p> {
    /// The duty.
    pub obligation: &'p Obligation,
    /// How much of it is covered.
    pub state: ObligationState,
    /// Whether it is in force on the day asked about.
    pub is_in_force: bool,
}

/// A pack's standing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackStatus<'p> {
    /// Every row, by id.
    pub rows: Vec<RowStatus<'p>>,
    /// Rows in force with every control working.
    pub covered: usize,
    /// Rows in force with some.
    pub partly: usize,
    /// Rows in force with none yet.
    pub planned: usize,
    /// Rows in force that name no control.
    pub no_control: usize,
}

/// All that hangs on one duty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation<'p> {
    /// The duty.
    pub obligation: &'p Obligation,
    /// How much of it is covered.
    pub state: ObligationState,
    /// Its controls, and whether this version has them.
    pub controls: Vec<(Control, ControlStatus)>,
    /// The parameters that belong to it.
    pub parameters: Vec<&'p Parameter>,
    /// The texts that rely on it.
    pub texts: Vec<&'p Text>,
}

impl ObligationState {
    /// The word for output for machines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Covered => "covered",
            Self::Partly => "partly",
            Self::Planned => "planned",
            Self::NoControl => "no_control",
        }
    }
}

impl Obligation {
    /// How much of the duty the controls of this version cover.
    #[must_use]
    pub fn state(&self) -> ObligationState {
        let working =
            self.control.iter().filter(|control| control.status() == ControlStatus::Implemented).count();
        match (working, self.control.len()) {
            (_, 0) => ObligationState::NoControl,
            (0, _) => ObligationState::Planned,
            (working, all) if working == all => ObligationState::Covered,
            _ => ObligationState::Partly,
        }
    }
}

impl Pack {
    /// What of the pack this version meets, on `day`.
    #[must_use]
    pub fn status(&self, day: Date) -> PackStatus<'_> {
        let rows: Vec<_> = self
            .obligations()
            .map(|obligation| RowStatus {
                obligation,
                state: obligation.state(),
                is_in_force: obligation.is_in_force(day),
            })
            .collect();
        let count = |state| rows.iter().filter(|row| row.is_in_force && row.state == state).count();
        PackStatus {
            covered: count(ObligationState::Covered),
            partly: count(ObligationState::Partly),
            planned: count(ObligationState::Planned),
            no_control: count(ObligationState::NoControl),
            rows,
        }
    }

    /// All that hangs on one duty.
    #[must_use]
    pub fn explain(&self, id: &str) -> Option<Explanation<'_>> {
        let obligation = self.obligation(id)?;
        Some(Explanation {
            obligation,
            state: obligation.state(),
            controls: obligation.control.iter().map(|control| (*control, control.status())).collect(),
            parameters: self.parameters().filter(|parameter| parameter.source == id).collect(),
            texts: self.texts().filter(|text| text.relies_on.iter().any(|row| row == id)).collect(),
        })
    }
}
