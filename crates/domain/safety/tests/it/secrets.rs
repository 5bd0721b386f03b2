//! Keys, tokens and passwords, case by case.

use safety::{Category, Engine, Finding};
use terms::Direction;

use crate::data::{check, untouched};

fn findings(text: &str) -> Vec<Finding> {
    Engine::builder().build().unwrap().check(text, Direction::Output).verdict.findings
}

fn stars(count: usize) -> String {
    "*".repeat(count)
}

#[test]
fn keys_of_known_providers() {
    let key = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8";
    for prefix in ["sk-", "ghp_", "glpat-", "sk_live_", "xoxb-"] {
        check(&format!("用{prefix}{key}调用"), &format!("用{prefix}{}调用", stars(key.len())));
    }
    check("AKIAIOSFODNN7EXAMPLE", &format!("AKIA{}", stars(16)));
    check("AIzaSyA1234567890abcdefghijklmnopqrstuv", &format!("AIza{}", stars(35)));
    check("LTAI5tAbcdefghijk1mn", &format!("LTAI{}", stars(16)));
    for text in [
        "sk-learn",
        "task-a1b2c3d4e5f6g7h8i9j0k1l2",
        "sk-learn-something-with-a-long-name",
        "asia pacific",
        "AKIA12",
        "ghp_short1",
        "AIzaTooShort1",
    ] {
        untouched(text);
    }
}

#[test]
fn tokens() {
    let jwt = "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVPmB92K27uhb";
    check(&format!("eyJ{jwt}。"), &format!("eyJ{}。", stars(jwt.len())));
    let bearer = "Authorization: Bearer abcdefghij0123456789";
    check(bearer, &format!("Authorization: Bearer {}", stars(20)));
    untouched("Bearer of good news for everyone");
    untouched("eyJhbGciOiJIUzI1NiJ9");
    // Longer than what is held: in pieces.
    let long = format!("hbGciOiJIUzI1NiJ9.{}.{}", "a1".repeat(400), "b".repeat(300));
    check(&format!("eyJ{long} "), &format!("eyJ{} ", stars(long.len())));
}

#[test]
fn private_keys_leave_their_frame() {
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj".repeat(20);
    let lines: Vec<String> =
        body.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    let pem = |lines: &[String]| {
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n完", lines.join("\n"))
    };
    let hidden: Vec<String> = lines.iter().map(|line| stars(line.len())).collect();
    check(&pem(&lines), &pem(&hidden));
    untouched("-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A");
}

#[test]
fn connection_strings() {
    check("postgres://app:s3cret@db.example.com/x", "postgres://app:******@db.example.com/x");
    check("redis://:p@ss@host:6379", "redis://:****@host:6379");
    untouched("https://example.com:8080/a@b");
}

#[test]
fn passwords_behind_their_word() {
    check("密码：abc12345", "密码：********");
    check("密码是Tiger2024!，", "密码是**********，");
    check("DB_PASSWORD=hunter2hunter", &format!("DB_PASSWORD={}", stars(13)));
    check(r#"{"password": "s3cr3tpw"}"#, r#"{"password": "********"}"#);
    check("口令 888888", "口令 ******");
    check("api_key = 0123456789abcdef0123", &format!("api_key = {}", stars(20)));
    for text in [
        "密码长度为8位",
        "密码：请输入",
        "password must contain 8 characters",
        "password = get_pass1()",
        "密码：2024",
        "password: your_password",
        "密码和口令",
        "token: 12345",
        "忘记密码怎么办",
    ] {
        untouched(text);
    }
}

#[test]
fn findings_of_secrets_tell_nothing_of_them() {
    let found = findings("密码：abc12345");
    assert_eq!((found[0].rule.as_str(), found[0].normalised.as_str()), ("secrets.password", "********"));
    assert_eq!(found[0].category, Category::Secrets);
}
