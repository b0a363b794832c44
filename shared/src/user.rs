//! Users: what a client sends, and what it gets. A password goes in and never comes out.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use crate::address::Address;
use crate::body::{Check, Checks};
use crate::caller::Role;
use crate::id::{PaymentMethodId, UserId};
use crate::order::FIELD_CHARS_MAX;

/// Longest email address [RFC 5321 §4.5.3.1.3].
pub const EMAIL_BYTES_MAX: usize = 254;
/// Longest part before the `@` [RFC 5321 §4.5.3.1.1].
const EMAIL_LOCAL_BYTES_MAX: usize = 64;
/// Longest label of a domain [RFC 1035 §2.3.4].
const LABEL_BYTES_MAX: usize = 63;
/// Shortest password.
pub const PASSWORD_CHARS_MIN: usize = 8;
/// Longest password: hashing it must stay cheap to bound.
pub const PASSWORD_CHARS_MAX: usize = 200;
/// Fewest digits of a phone number.
const PHONE_DIGITS_MIN: usize = 7;
/// Most digits of a phone number [E.164].
pub const PHONE_DIGITS_MAX: usize = 15;
/// Most payment methods that a user may put by.
pub const PAYMENT_METHODS_MAX: i64 = 20;

/// A password as it came. It can be read for hashing, and neither written nor logged.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// The text, to hash it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    fn check(&self, checks: &mut Checks) {
        // Any character may stand in it, so only the count is checked.
        let chars = self.0.chars().count();
        if !(PASSWORD_CHARS_MIN..=PASSWORD_CHARS_MAX).contains(&chars) {
            checks.fault(
                "/password",
                "length",
                format!("{chars} characters are out of range"),
                format!("Send {PASSWORD_CHARS_MIN} to {PASSWORD_CHARS_MAX} characters."),
            );
        }
    }
}

/// Leaves a password out of everything that is written, whether or not there is one.
const fn withheld<T>(_: &T) -> bool {
    true
}

impl Serialize for Password {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("…")
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Password(…)")
    }
}

/// The body of POST /users.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewUser {
    /// Unique, whatever its upper and lower case.
    #[cfg_attr(
        feature = "openapi",
        schema(
            format = "email",
            max_length = 254,
            example = "ada@example.com",
            pattern = r"^(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$"
        )
    )]
    pub email: String,
    /// Display name.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 200,
            pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
            example = "Ada Lovelace"
        )
    )]
    pub name: String,
    /// 8 to 200 characters; kept as a hash alone.
    #[cfg_attr(feature = "openapi", schema(value_type = String, write_only, format = "password", min_length = 8,
        max_length = 200, example = "correct horse battery"))]
    pub password: Password,
    /// With country code: `+` and 7 to 15 digits [E.164].
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(pattern = r"^\+[1-9][0-9]{6,14}$", example = "+41446681800")
    )]
    pub phone: Option<String>,
    /// Where orders go unless they say otherwise.
    #[serde(default, deserialize_with = "crate::body::object_or_null")]
    pub address: Option<Address>,
}

impl Check for NewUser {
    fn check(&self, checks: &mut Checks) {
        check(
            &self.email,
            &self.name,
            self.phone.as_deref(),
            self.address.as_ref(),
            checks,
        );
        self.password.check(checks);
    }
}

/// The body of PUT /users/{id}, and what a patch is applied to: all that a client may write.
/// Optional members that are absent become null; the password stays unless one is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserChange {
    /// Unique, whatever its upper and lower case.
    #[cfg_attr(
        feature = "openapi",
        schema(
            format = "email",
            max_length = 254,
            example = "ada@example.com",
            pattern = r"^(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$"
        )
    )]
    pub email: String,
    /// Display name.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 200,
            pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
            example = "Ada Lovelace"
        )
    )]
    pub name: String,
    /// With country code: `+` and 7 to 15 digits [E.164].
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(pattern = r"^\+[1-9][0-9]{6,14}$", example = "+41446681800")
    )]
    pub phone: Option<String>,
    /// Where orders go unless they say otherwise.
    #[serde(default, deserialize_with = "crate::body::object_or_null")]
    pub address: Option<Address>,
    /// A new password, 8 to 200 characters; the old one stays without it.
    #[serde(default, skip_serializing_if = "withheld")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, write_only, format = "password", min_length = 8,
        max_length = 200, example = "correct horse battery"))]
    pub password: Option<Password>,
    /// The version that the change was made from; another than the current one is 409
    /// `version_conflict`.
    #[serde(default, deserialize_with = "crate::number::whole_or_null")]
    pub version: Option<i64>,
}

impl Check for UserChange {
    fn check(&self, checks: &mut Checks) {
        check(
            &self.email,
            &self.name,
            self.phone.as_deref(),
            self.address.as_ref(),
            checks,
        );
        if let Some(password) = &self.password {
            password.check(checks);
        }
    }
}

fn check(
    email: &str,
    name: &str,
    phone: Option<&str>,
    address: Option<&Address>,
    checks: &mut Checks,
) {
    if !is_email(email) {
        checks.fault(
            "/email",
            "format",
            "not an email address".to_owned(),
            format!(
                "Send an address such as ada@example.com, of at most {EMAIL_BYTES_MAX} characters."
            ),
        );
    }
    checks.text("/name", name, 1, FIELD_CHARS_MAX);
    if phone.is_some_and(|phone| !is_phone(phone)) {
        checks.fault(
            "/phone",
            "format",
            "not an international phone number".to_owned(),
            "Send `+`, the country code and the number, such as +41446681800 [E.164].".to_owned(),
        );
    }
    if let Some(address) = address {
        address.check("/address", checks);
    }
}

/// Whether a mail server would take the address: a dot-atom, `@`, and a domain of two labels or
/// more [RFC 5321]. Quoted local parts and address literals are left out, since nobody has one.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let atom = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte))
    };
    let label = |part: &str| {
        (1..=LABEL_BYTES_MAX).contains(&part.len())
            && !part.starts_with('-')
            && !part.ends_with('-')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.len() <= EMAIL_BYTES_MAX
        && local.len() <= EMAIL_LOCAL_BYTES_MAX
        && local.split('.').all(atom)
        && domain.contains('.')
        && domain.split('.').all(label)
}

fn is_phone(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|digits| {
        (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&digits.len())
            && !digits.starts_with('0')
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Always `user`.
    pub object: String,
    /// Its id.
    pub id: UserId,
    /// Where it gets its mail.
    pub email: String,
    /// Display name.
    pub name: String,
    /// With country code [E.164].
    pub phone: Option<String>,
    /// Where orders go unless they say otherwise.
    pub address: Option<Address>,
    /// What it is to the shop.
    pub role: Role,
    /// Grows by one with every change.
    pub version: i64,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// RFC 3339, UTC.
    pub updated_at: String,
}

/// A user at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Profile {
    /// Always `profile`.
    pub object: String,
    /// Whose it is.
    pub user_id: UserId,
    /// Display name.
    pub name: String,
    /// Where the user gets its mail.
    pub email: String,
    /// With country code [E.164].
    pub phone: Option<String>,
    /// Where orders go unless they say otherwise.
    pub address: Option<Address>,
    /// Since when, RFC 3339, UTC.
    pub member_since: String,
    /// How many orders it has placed and not deleted.
    pub orders_count: i64,
    /// When the last of them was placed, RFC 3339, UTC.
    pub last_order_at: Option<String>,
}

/// The body of POST /users/{id}/payment-methods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewPaymentMethod {
    /// The provider's name for it, such as the sandbox's `pm_card_visa`.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 200,
            pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
            example = "pm_card_visa"
        )
    )]
    pub method: String,
    /// What the user calls it.
    #[serde(default)]
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 200,
            pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$",
            example = "Company card"
        )
    )]
    pub label: Option<String>,
    /// Whether it is the user's default from now on; the one before it no longer is.
    #[serde(default)]
    pub default: bool,
}

impl Check for NewPaymentMethod {
    fn check(&self, checks: &mut Checks) {
        checks.text("/method", &self.method, 1, FIELD_CHARS_MAX);
        if let Some(label) = &self.label {
            checks.text("/label", label, 1, FIELD_CHARS_MAX);
        }
    }
}

/// A payment method that a user has put by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PaymentMethod {
    /// Always `payment_method`.
    pub object: String,
    /// Its id.
    pub id: PaymentMethodId,
    /// Whose it is.
    pub user_id: UserId,
    /// The provider's name for it, as `payment_method` of an order takes it.
    pub method: String,
    /// What the user calls it.
    pub label: Option<String>,
    /// Whether it is the user's default.
    pub default: bool,
    /// RFC 3339, UTC.
    pub created_at: String,
}

#[cfg(test)]
mod tests;
