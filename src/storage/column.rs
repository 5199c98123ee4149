//! Column types of our own, where the databases store the same value differently.

use crate::domain::Instant as Moment;
use sqlx::{Database, Decode, Encode, Postgres, Sqlite, Type, encode::IsNull, error::BoxDynError};

/// A Rust type that is a column in database `DB`.
pub(super) trait Column<DB: Database>:
    for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB> + Type<DB>
{
}
impl<DB: Database, T> Column<DB> for T where
    T: for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB> + Type<DB>
{
}

/// A moment to the microsecond: `timestamptz` in PostgreSQL, an integer in SQLite, where the text form that sqlx
/// writes does not sort by time.
pub(super) struct Instant(pub(super) Moment);

/// Microseconds since 1970-01-01 UTC.
pub(super) fn micros(moment: Moment) -> i64 {
    i64::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX)
}

impl Type<Postgres> for Instant {
    fn type_info() -> <Postgres as Database>::TypeInfo {
        <Moment as Type<Postgres>>::type_info()
    }
}
impl Encode<'_, Postgres> for Instant {
    fn encode_by_ref(
        &self,
        buf: &mut <Postgres as Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        <Moment as Encode<Postgres>>::encode_by_ref(&self.0, buf)
    }
}
impl Decode<'_, Postgres> for Instant {
    fn decode(value: <Postgres as Database>::ValueRef<'_>) -> Result<Self, BoxDynError> {
        Ok(Self(<Moment as Decode<Postgres>>::decode(value)?))
    }
}
impl Type<Sqlite> for Instant {
    fn type_info() -> <Sqlite as Database>::TypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }
}
impl Encode<'_, Sqlite> for Instant {
    fn encode_by_ref(
        &self,
        buf: &mut <Sqlite as Database>::ArgumentBuffer,
    ) -> Result<IsNull, BoxDynError> {
        <i64 as Encode<Sqlite>>::encode_by_ref(&micros(self.0), buf)
    }
}
impl Decode<'_, Sqlite> for Instant {
    fn decode(value: <Sqlite as Database>::ValueRef<'_>) -> Result<Self, BoxDynError> {
        let micros = <i64 as Decode<Sqlite>>::decode(value)?;
        let nanos = i128::from(micros) * 1_000;
        Ok(Self(Moment::from_unix_timestamp_nanos(nanos)?))
    }
}
