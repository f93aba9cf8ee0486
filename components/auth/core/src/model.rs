//! Types that cannot hold a bad value.

mod api_key;
mod audit;
mod email;
mod handle;
mod login;
mod passkey;
mod password;
mod role;
mod session;
mod text;

pub use api_key::{ApiKey, KeyName, Scope};
pub(crate) use api_key::{parts, whole};
pub use audit::{AuditEntry, AuditKind};
pub use email::Email;
pub use handle::Handle;
pub use login::Login;
pub use passkey::Passkey;
pub use password::{NewPassword, Password};
pub use role::Role;
pub use session::{DeviceName, Session, SignedIn, Tokens};
pub use text::{Bio, DisplayName};

use uuid::Uuid;
use vitrine_clock::Timestamp;

/// Someone who can log in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// Its public name in addresses.
    pub handle: Handle,
    /// Where it can be reached.
    pub email: Email,
    /// Whether it was shown that the address is its own.
    pub email_verified: bool,
    /// Its public name in text.
    pub display_name: DisplayName,
    /// What it says about itself.
    pub bio: Bio,
    /// What it is.
    pub roles: Vec<Role>,
    /// Whether a second factor is asked for.
    pub totp_enabled: bool,
    /// When it was registered.
    pub created_at: Timestamp,
}

impl Account {
    /// Whether it is that.
    #[must_use]
    pub fn has_role(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}
