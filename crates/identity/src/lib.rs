//! Who is calling: access tokens signed by auth, and the tokens between services.
