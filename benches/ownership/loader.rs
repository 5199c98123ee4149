//! Fills a database with users, past the service.

use crate::{
    database::Database,
    population::Population,
    rows::{CopyText, Table, ValuesText},
};
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection};

/// How many users travel together.
const CHUNK: u64 = 1_000;

/// Adds the users to what is there.
pub(crate) async fn add(database: &Database, populations: &[Population]) -> anyhow::Result<()> {
    match database {
        Database::Postgres { url, .. } => {
            let mut connection = PgConnection::connect(url).await?;
            for population in populations {
                copy(&mut connection, population, "").await?;
            }
            connection.execute("analyze").await?;
        }
        Database::Sqlite { .. } => {
            let mut connection = SqliteConnection::connect(&database.url()).await?;
            for population in populations {
                insert(&mut connection, population).await?;
            }
        }
    }
    Ok(())
}

/// Makes them all the users of a PostgreSQL database that has none: in one transaction, which spares the rows the
/// visits that a vacuum would pay them later.
pub(crate) async fn fill(database: &Database, population: &Population) -> anyhow::Result<()> {
    let mut connection = PgConnection::connect(&database.url()).await?;
    let mut transaction = connection.begin().await?;
    let tables = "user_revision, connection, token, attribute, offer, event";
    let truncate = format!("truncate {tables}");
    transaction.execute(AssertSqlSafe(truncate)).await?;
    copy(&mut transaction, population, "with (freeze)").await?;
    transaction.commit().await?;
    connection.execute("analyze").await?;
    connection.execute("checkpoint").await?;
    Ok(())
}

/// The users of a population, some at a time.
fn chunks(population: &Population) -> impl Iterator<Item = std::ops::Range<u64>> + use<> {
    let (first, end) = (population.first, population.first + population.users);
    let starts = (first..end).step_by(usize::try_from(CHUNK).unwrap_or(usize::MAX));
    starts.map(move |start| start..end.min(start + CHUNK))
}

async fn copy(
    connection: &mut PgConnection,
    population: &Population,
    options: &str,
) -> anyhow::Result<()> {
    for users in chunks(population) {
        let mut rows = CopyText::default();
        for user in users {
            population.write(user, &mut rows);
        }
        for ((_, columns), text) in Table::ALL.iter().zip(rows.0) {
            let statement = format!("copy {columns} from stdin {options}");
            let mut copy = connection.copy_in_raw(&statement).await?;
            copy.send(text.as_bytes()).await?;
            copy.finish().await?;
        }
    }
    Ok(())
}

async fn insert(connection: &mut SqliteConnection, population: &Population) -> anyhow::Result<()> {
    let mut transaction = connection.begin_with("begin immediate").await?;
    for users in chunks(population) {
        let mut rows = ValuesText::default();
        for user in users {
            population.write(user, &mut rows);
        }
        for ((_, columns), text) in Table::ALL.iter().zip(rows.0) {
            if !text.is_empty() {
                let statement = format!("insert into {columns} values {text}");
                let statement = sqlx::raw_sql(AssertSqlSafe(statement));
                statement.execute(&mut *transaction).await?;
            }
        }
    }
    transaction.commit().await?;
    Ok(())
}
