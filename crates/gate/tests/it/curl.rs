//! The tool that people have: `curl --aws-sigv4`.

use crate::house::House;
use secrecy::ExposeSecret;
use tokio::process::Command;

async fn curl(house: &House, arguments: &[&str], target: &str) -> (String, String) {
    let credentials = house.credentials();
    let user = format!("{}:{}", credentials.access_key_id, credentials.secret_access_key.expose_secret());
    let token = format!("X-Amz-Security-Token: {}", credentials.session_token.expose_secret());
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--write-out", "\n%{http_code}"])
        .args(["--aws-sigv4", "aws:amz:us-east-1:execute-api", "--user", &user, "--header", &token])
        .args(arguments)
        .arg(format!("http://{}{target}", house.address()))
        .output()
        .await
        .expect("curl must be on the path");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.to_owned(), body.to_owned())
}

#[tokio::test]
async fn curl_reads_writes_and_is_denied() {
    let house = House::open().await;
    let got = curl(&house, &[], "/orders/7").await;
    assert_eq!(got, ("200".to_owned(), "got 0 bytes".to_owned()));

    let json = ["--header", "Content-Type: application/json", "--data-binary", "{\"item\":1}"];
    let got = curl(&house, &json, "/orders").await;
    assert_eq!(got, ("200".to_owned(), "got 10 bytes".to_owned()));
    assert_eq!(house.upstream.seen().pop().unwrap().body, b"{\"item\":1}");

    let (status, body) = curl(&house, &["--request", "DELETE"], "/orders/7").await;
    assert_eq!(status, "403");
    assert!(body.contains("\"reason\":\"permission_not_granted\""), "{body}");
    house.close().await;
}

#[tokio::test]
async fn curl_uploads_a_file_with_a_declared_hash() {
    let house = House::open().await;
    let file = house.directory.path().join("upload.bin");
    let bytes: Vec<u8> = (0..20_000_000_u32).map(|place| (place % 251) as u8).collect();
    std::fs::write(&file, &bytes).unwrap();
    let stagedoor_session::Body::Sha256(hash) = stagedoor_session::Body::of(&bytes) else { unreachable!() };
    let declared = format!("x-amz-content-sha256: {}", hex::encode(hash));
    let upload = ["--header", &declared, "--upload-file", file.to_str().unwrap()];
    let got = curl(&house, &upload, "/upload.bin").await;
    assert_eq!(got, ("200".to_owned(), "got 20000000 bytes".to_owned()));
    assert_eq!(house.upstream.only().body, bytes);
    house.close().await;
}
