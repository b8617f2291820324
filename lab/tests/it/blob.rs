use arcbook_lab::Lab;

use crate::client::{Answer, Request, token};
use crate::{jumpstart, started, world};

const STORAGE: &str = "https://storage.azure.com";

struct Account<'a> {
    lab: &'a Lab,
    token: String,
    name: &'a str,
}

impl<'a> Account<'a> {
    async fn of(lab: &'a Lab, name: &'a str) -> Self {
        Self { lab, token: token(lab, STORAGE).await, name }
    }

    fn request(&self, method: &str, target: &str) -> Request {
        Request::to_azure(self.lab, method, &format!("{}{target}", self.lab.azure().blob(self.name)))
            .bearer(&self.token)
            .header("x-ms-version", "2020-10-02")
    }

    async fn put(&self, target: &str, body: &str) -> Answer {
        self.request("PUT", target).header("x-ms-blob-type", "BlockBlob").body(body).send().await
    }

    async fn get(&self, target: &str) -> Answer {
        self.request("GET", target).send().await
    }
}

fn code(answer: &Answer) -> &str {
    answer.header("x-ms-error-code").unwrap_or_default()
}

#[tokio::test]
async fn the_jumpstart_container_and_file_are_created() {
    let lab = jumpstart().await;
    let account = Account::of(&lab, "arcmi00000000").await;
    assert_eq!(account.request("PUT", "/uploads?restype=container").send().await.status, 201);
    let again = account.request("PUT", "/uploads?restype=container").send().await;
    assert_eq!((again.status, code(&again)), (409, "ContainerAlreadyExists"));
    let put = account.put("/uploads/hosts.txt", "127.0.0.1 localhost\n").await;
    assert_eq!(put.status, 201, "{}", put.text());
    assert_eq!(put.header("content-md5"), Some("DupxZl+2iQwGQh/ROqP4SQ=="));
    assert!(put.header("etag").unwrap().starts_with("\"0x"));
    let got = account.get("/uploads/hosts.txt").await;
    assert_eq!(got.text(), "127.0.0.1 localhost\n");
    assert_eq!(got.header("content-md5"), put.header("content-md5"));
    assert_eq!(account.put("/uploads/hosts.txt", "other").await.status, 201, "a second time overwrites");
    let head = account.request("HEAD", "/uploads/hosts.txt").send().await;
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("5"), 0));
}

#[tokio::test]
async fn an_uploads_headers_are_checked_and_stored() {
    let lab = jumpstart().await;
    let account = Account::of(&lab, "arcmi00000000").await;
    account.request("PUT", "/files?restype=container").send().await;
    let put = |headers: &[(&str, &str)]| {
        let request = account.request("PUT", "/files/a%20b%2Fc.txt").body("hello");
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send()
    };
    let kind = ("x-ms-blob-type", "BlockBlob");
    let md5 = "XUFAKrxLKna5cZ2REBfFkg==";
    let whole = put(&[
        kind,
        ("x-ms-blob-content-type", "text/plain"),
        ("Content-MD5", md5),
        ("x-ms-meta-host", "vm"),
    ]);
    let etag = whole.await.header("etag").unwrap().to_owned();
    let got = account.get("/files/a%20b/c.txt").await;
    assert_eq!((got.header("content-type"), got.header("x-ms-meta-host")), (Some("text/plain"), Some("vm")));
    for (headers, status, expected) in [
        (vec![], 400, "MissingRequiredHeader"),
        (vec![("x-ms-blob-type", "Odd")], 400, "InvalidHeaderValue"),
        (vec![kind, ("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==")], 400, "Md5Mismatch"),
        (vec![kind, ("Content-MD5", "zzz")], 400, "InvalidMd5"),
        (vec![kind, ("x-ms-content-crc64", "AAAAAAAAAAA=")], 501, "FeatureNotSupported"),
        (vec![kind, ("If-None-Match", "*")], 409, "BlobAlreadyExists"),
        (vec![kind, ("If-Match", "\"0x0\"")], 412, "ConditionNotMet"),
        (vec![kind, ("If-Match", &etag)], 201, ""),
    ] {
        let answer = put(&headers).await;
        assert_eq!((answer.status, code(&answer)), (status, expected), "{headers:?}");
    }
    let form = put(&[kind, ("Content-Type", "application/x-www-form-urlencoded")]).await;
    assert_eq!(form.status, 201);
    let stored = account.get("/files/a%20b/c.txt").await;
    assert_eq!(stored.header("content-type"), Some("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn reads_honour_ranges_and_conditions() {
    let lab = jumpstart().await;
    let account = Account::of(&lab, "arcmi00000000").await;
    account.request("PUT", "/files?restype=container").send().await;
    account.put("/files/x", "0123456789").await;
    let part = account.request("GET", "/files/x").header("x-ms-range", "bytes=2-4").send().await;
    assert_eq!((part.status, part.text().as_str()), (206, "234"));
    assert_eq!(part.header("content-range"), Some("bytes 2-4/10"));
    assert!(part.header("x-ms-blob-content-md5").is_some() && part.header("content-md5").is_none());
    let md5 = |range: &str| {
        let request = account.request("GET", "/files/x").header("x-ms-range-get-content-md5", "true");
        if range.is_empty() { request.send() } else { request.header("x-ms-range", range).send() }
    };
    let part = md5("bytes=2-4").await;
    assert_eq!((part.status, part.header("content-md5")), (206, Some("KJ3/B2adeiPeDviNL3Ep5w==")));
    assert_eq!(code(&md5("").await), "InvalidHeaderValue");
    let beyond = account.request("GET", "/files/x").header("Range", "bytes=10-").send().await;
    assert_eq!((beyond.status, code(&beyond)), (416, "InvalidRange"));
    let etag = part.header("etag").unwrap().to_owned();
    assert_eq!(account.request("GET", "/files/x").header("If-None-Match", &etag).send().await.status, 304);
    assert_eq!(account.request("GET", "/files/x").header("If-Match", "\"0x1\"").send().await.status, 412);
    assert_eq!(code(&account.get("/files/none").await), "BlobNotFound");
    assert_eq!(code(&account.get("/none/x").await), "ContainerNotFound");
}

#[tokio::test]
async fn a_blob_is_uploaded_in_blocks() {
    let lab = jumpstart().await;
    let account = Account::of(&lab, "arcmi00000000").await;
    account.request("PUT", "/files?restype=container").send().await;
    for (id, body) in [("MDE=", "one "), ("MDI=", "two "), ("MDM=", "lost")] {
        let block = account
            .request("PUT", &format!("/files/x?comp=block&blockid={}", id.replace('=', "%3D")))
            .body(body);
        assert_eq!(block.send().await.status, 201);
    }
    assert_eq!(code(&account.get("/files/x").await), "BlobNotFound", "blocks alone are no blob");
    let listed = |kind: &str| {
        let request = account.request("GET", &format!("/files/x?comp=blocklist&blocklisttype={kind}"));
        async move { request.send().await }
    };
    let block = |id: &str| format!("<Block><Name>{id}</Name><Size>4</Size></Block>");
    let blocks = ["MDE=", "MDI=", "MDM="].map(block).concat();
    let waiting = format!("<UncommittedBlocks>{blocks}</UncommittedBlocks>");
    let all = listed("all").await;
    assert!(
        all.text().contains(&format!("<BlockList><CommittedBlocks></CommittedBlocks>{waiting}")),
        "{}",
        all.text()
    );
    assert!(listed("uncommitted").await.text().contains(&format!("<BlockList>{waiting}</BlockList>")));
    assert_eq!(code(&listed("other").await), "InvalidQueryParameterValue");
    let none = account.request("GET", "/files/none?comp=blocklist&blocklisttype=uncommitted").send().await;
    assert_eq!((none.status, code(&none)), (404, "BlobNotFound"));
    let odd = account.request("PUT", "/files/x?comp=block&blockid=MDAx").send().await;
    assert_eq!(odd.status, 201, "an id as long as the others is one");
    let long = account.request("PUT", "/files/x?comp=block&blockid=MDAxMDAx").send().await;
    assert_eq!(code(&long), "InvalidQueryParameterValue");
    let list = |ids: &str| {
        account.request("PUT", "/files/x?comp=blocklist").body(format!("<BlockList>{ids}</BlockList>"))
    };
    let unknown = list("<Latest>MDk=</Latest>").send().await;
    assert_eq!(code(&unknown), "InvalidBlockList");
    let whole = list("<Latest>MDI=</Latest><Uncommitted>MDE=</Uncommitted>").send().await;
    assert_eq!(whole.status, 201, "{}", whole.text());
    assert_eq!(account.get("/files/x").await.text(), "two one ");
    let committed = ["MDI=", "MDE="].map(block).concat();
    let committed =
        format!("<CommittedBlocks>{committed}</CommittedBlocks><UncommittedBlocks></UncommittedBlocks>");
    let all = listed("all").await;
    assert!(all.text().contains(&committed) && all.header("etag").is_some(), "{}", all.text());
    assert_eq!(all.header("x-ms-blob-content-length"), Some("8"));
    let again = list("<Committed>MDE=</Committed><Committed>MDE=</Committed>").send().await;
    assert_eq!(again.status, 201);
    assert_eq!(account.get("/files/x").await.text(), "one one ");
}

/// A range of 4 MiB has an MD5, a longer one has none; neither is in the lab's memory before it is asked for.
#[tokio::test]
async fn long_content_is_kept_on_the_disk() {
    let lab = jumpstart().await;
    let account = Account::of(&lab, "arcmi00000000").await;
    account.request("PUT", "/files?restype=container").send().await;
    let block = |letter: &str| letter.repeat(3 << 20);
    for (id, letter) in [("MDE%3D", "a"), ("MDI%3D", "b")] {
        let target = format!("/files/x?comp=block&blockid={id}");
        assert_eq!(account.request("PUT", &target).body(block(letter)).send().await.status, 201);
    }
    let list = "<BlockList><Latest>MDI=</Latest><Latest>MDE=</Latest><Latest>MDI=</Latest></BlockList>";
    let request = account.request("PUT", "/files/x?comp=blocklist").body(list);
    assert_eq!(request.send().await.status, 201);
    let whole = account.get("/files/x").await.text();
    assert!(whole == [block("b"), block("a"), block("b")].concat());
    for (range, status) in [("bytes=1-4194304", 206), ("bytes=1-4194305", 400)] {
        let request = account.request("GET", "/files/x").header("x-ms-range", range);
        let part = request.header("x-ms-range-get-content-md5", "true").send().await;
        assert_eq!((part.status, part.header("content-md5").is_some()), (status, status == 206));
        assert!(status != 206 || part.text() == whole[1..=4 << 20]);
    }
}

#[tokio::test]
async fn blobs_and_containers_are_listed_and_deleted() {
    let lab = jumpstart().await;
    let account = Account::of(&lab, "arcmi00000000").await;
    account.request("PUT", "/files?restype=container").send().await;
    for name in ["a/1", "a/2", "b%20%26%3C", "c"] {
        account.put(&format!("/files/{name}"), name).await;
    }
    let list = |query: &'static str| {
        let request = account.request("GET", &format!("/files?restype=container&comp=list{query}"));
        async move { request.send().await.text() }
    };
    let all = list("").await;
    assert!(all.contains("<Name>b &amp;&lt;</Name>") && all.contains("<NextMarker />"), "{all}");
    let folders = list("&delimiter=/").await;
    assert!(
        folders.contains("<BlobPrefix><Name>a/</Name></BlobPrefix>") && !folders.contains("a/1"),
        "{folders}"
    );
    let first = list("&maxresults=2").await;
    assert!(first.contains("a/2") && first.contains("<NextMarker>b &amp;&lt;</NextMarker>"), "{first}");
    let rest = list("&maxresults=2&marker=b%20%26%3C").await;
    assert!(
        rest.contains("<Name>c</Name>") && !rest.contains("a/1") && rest.contains("<NextMarker />"),
        "{rest}"
    );
    assert!(account.get("/?comp=list").await.text().contains("<Name>files</Name>"));
    assert_eq!(account.request("DELETE", "/files/c").send().await.status, 202);
    assert!(!list("").await.contains("<Name>c</Name>"));
    assert_eq!(account.request("DELETE", "/files?restype=container").send().await.status, 202);
    assert_eq!(code(&account.get("/files/a/1").await), "ContainerNotFound");
}

#[tokio::test]
async fn a_blob_is_deleted_only_if_its_conditions_match() {
    let lab = jumpstart().await;
    let account = Account::of(&lab, "arcmi00000000").await;
    account.request("PUT", "/files?restype=container").send().await;
    let first = account.put("/files/x", "one").await.header("etag").unwrap().to_owned();
    let second = account.put("/files/x", "two").await.header("etag").unwrap().to_owned();
    let delete = |etag: &str| account.request("DELETE", "/files/x").header("If-Match", etag).send();
    let stale = delete(&first).await;
    assert_eq!((stale.status, code(&stale)), (412, "ConditionNotMet"));
    assert_eq!(delete(&second).await.status, 202);
    let gone = delete(&second).await;
    assert_eq!((gone.status, code(&gone)), (404, "BlobNotFound"));
    assert_eq!(account.request("DELETE", "/files?restype=container").send().await.status, 202);
    let head = account.request("HEAD", "/files?restype=container").send().await;
    assert_eq!((head.status, code(&head), head.body.len()), (404, "ContainerNotFound", 0));
    let again = account.request("DELETE", "/files?restype=container").send().await;
    assert_eq!((again.status, code(&again)), (404, "ContainerNotFound"));
}

#[tokio::test]
async fn a_blob_of_an_immutable_container_is_written_once() {
    let lab = started(world(
        r#"
        storage_account "acc01" {
          resource_group = "rg"
          role_assignment { role = "Storage Blob Data Owner" }
          container "con" {
            immutable = true
            blob "old" { content = "as it was" }
          }
        }
    "#,
    ))
    .await;
    let account = Account::of(&lab, "acc01").await;
    let head = account.request("HEAD", "/con?restype=container").send().await;
    assert_eq!(head.header("x-ms-has-immutability-policy"), Some("true"));
    let put = |name: &str| account.request("PUT", name).header("x-ms-blob-type", "BlockBlob").body("x");
    let once = |name: &str| put(name).header("If-None-Match", "*");
    assert_eq!(once("/con/new").send().await.status, 201);
    for name in ["/con/new", "/con/old"] {
        let again = once(name).send().await;
        assert_eq!((again.status, code(&again)), (409, "BlobAlreadyExists"), "{name}");
        let over = put(name).send().await;
        assert_eq!((over.status, code(&over)), (409, "BlobImmutableDueToPolicy"), "{name}");
        let block = format!("{name}?comp=block&blockid=QQ%3D%3D");
        assert_eq!(account.request("PUT", &block).body("y").send().await.status, 201, "{name}");
        let list = account.request("PUT", &format!("{name}?comp=blocklist"));
        let list = list.body("<BlockList><Latest>QQ==</Latest></BlockList>").send().await;
        assert_eq!((list.status, code(&list)), (409, "BlobImmutableDueToPolicy"), "{name}");
        let gone = account.request("DELETE", name).send().await;
        assert_eq!((gone.status, code(&gone)), (409, "BlobImmutableDueToPolicy"), "{name}");
    }
    assert_eq!(account.get("/con/old").await.text(), "as it was");
    let container = account.request("DELETE", "/con?restype=container").send().await;
    assert_eq!((container.status, code(&container)), (409, "ContainerImmutableDueToPolicy"));
}

#[tokio::test]
async fn the_answer_to_an_unauthenticated_caller_depends_on_the_version() {
    let lab = jumpstart().await;
    let url = format!("{}/files/x", lab.azure().blob("arcmi00000000"));
    let bad = token(&lab, "https://vault.azure.net").await;
    for (version, token, status, expected) in [
        (Some("2020-10-02"), None, 401, "NoAuthenticationInformation"),
        (Some("2019-12-12"), Some(&bad), 401, "InvalidAuthenticationInfo"),
        (Some("2019-07-07"), Some(&bad), 404, "ResourceNotFound"),
        (None, Some(&bad), 403, "AuthenticationFailed"),
        (Some("today"), Some(&bad), 400, "InvalidHeaderValue"),
    ] {
        let mut request = Request::to_azure(&lab, "GET", &url);
        if let Some(version) = version {
            request = request.header("x-ms-version", version);
        }
        if let Some(token) = token {
            request = request.bearer(token);
        }
        let answer = request.send().await;
        assert_eq!((answer.status, code(&answer)), (status, expected), "{version:?}");
        let challenge = answer.header("www-authenticate");
        let expected = "Bearer authorization_uri=https://login.microsoftonline.com/10000000-0000-4000-8000-000000000001\
                        /oauth2/authorize resource_id=https://storage.azure.com";
        assert_eq!(challenge, (status == 401).then_some(expected));
    }
}

#[tokio::test]
async fn only_data_roles_grant_access_to_data() {
    let lab = started(world(
        r#"
        role_assignment { role = "Owner" }
        storage_account "readable" {
            resource_group = "rg"
            container "con" {
                blob "b" { content = "seed" }
            }
            role_assignment { role = "Storage Blob Data Reader" }
        }
        storage_account "closed" {
            resource_group = "rg"
            container "con" {
                blob "b" { content = "seed" }
            }
        }
        "#,
    ))
    .await;
    let readable = Account::of(&lab, "readable").await;
    assert_eq!(readable.get("/con/b").await.text(), "seed");
    let put = readable.put("/con/b", "x").await;
    assert_eq!((put.status, code(&put)), (403, "AuthorizationPermissionMismatch"));
    let closed = Account::of(&lab, "closed").await;
    assert_eq!(closed.get("/con/b").await.status, 403, "an owner sees no data");
    let own_audience = Request::to_azure(&lab, "GET", &format!("{}/con/b", lab.azure().blob("readable")))
        .header("x-ms-version", "2020-10-02")
        .bearer(&token(&lab, "https://closed.blob.core.windows.net").await);
    assert_eq!(own_audience.send().await.status, 401, "the audience of one account does not open another");
}
