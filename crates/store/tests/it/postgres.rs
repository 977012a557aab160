//! The suite on PostgreSQL, each test in a schema of its own.

use std::{env, sync::Arc};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use stagedoor_store::{Store, open};

use crate::conformance::suite;

const VARIABLE: &str = "STAGEDOOR_TEST_POSTGRES";

struct Fixture {
    store: Arc<dyn Store>,
    url: String,
    schema: String,
}

impl Fixture {
    async fn finish(self) {
        self.store.close().await.unwrap();
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        let drop = format!("DROP SCHEMA {} CASCADE", self.schema);
        sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
    }
}

async fn schema(test: &str) -> Option<Fixture> {
    let Ok(url) = env::var(VARIABLE) else {
        eprintln!("skipped: {VARIABLE} is not set");
        return None;
    };
    let schema = format!("stagedoor_{}_{test}", std::process::id());
    let schema = schema.get(..63).unwrap_or(&schema).to_owned();
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let create = format!("CREATE SCHEMA {schema}");
    sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
    let separator = if url.contains('?') { '&' } else { '?' };
    let own = format!("{url}{separator}options=-csearch_path%3D{schema}");
    Some(Fixture { store: open(&own).await.unwrap(), url, schema })
}

suite!(schema);

#[tokio::test]
async fn a_database_that_does_not_answer_is_an_outage() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let error = open(&format!("postgres://u:hunter2@127.0.0.1:{port}/x")).await.unwrap_err();
    assert!(error.is_transient(), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
