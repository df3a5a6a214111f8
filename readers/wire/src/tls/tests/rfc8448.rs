//! The traces of RFC 8448, sections 3 to 5, replayed with the secrets that they print.

use super::super::{ClientHello, Connection, KeyLog, Limits, Output};
use super::{Said, run, unhex};
use crate::Side;

fn log(random: &str, secrets: &[(&str, &str)]) -> KeyLog {
    let mut log = KeyLog::default();
    for (label, secret) in secrets {
        log.add(format!("{label} {random} {secret}\n").as_bytes());
    }
    assert_eq!(log.bad_lines(), 0);
    log
}

fn said(records: &[(Side, &str)], keys: &KeyLog) -> Said {
    let records: Vec<_> = records.iter().map(|(side, hex)| (*side, unhex(hex))).collect();
    run(&records, keys)
}

/// The fifty bytes that both sides send: 0 to 49.
fn fifty() -> Vec<u8> {
    (0..50).collect()
}

const SECTION_3_RANDOM: &str = "cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece7";

fn section_3_log() -> KeyLog {
    log(
        SECTION_3_RANDOM,
        &[
            (
                "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                "b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
            ),
            (
                "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
            ),
            ("CLIENT_TRAFFIC_SECRET_0", "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"),
            ("SERVER_TRAFFIC_SECRET_0", "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"),
        ],
    )
}

const SECTION_3: [(Side, &str); 9] = [
    (Side::Client, SIMPLE_CLIENT_HELLO),
    (Side::Server, SIMPLE_SERVER_HELLO),
    (Side::Server, SIMPLE_SERVER_FLIGHT),
    (Side::Client, SIMPLE_CLIENT_FINISHED),
    (Side::Server, SIMPLE_TICKET),
    (Side::Client, SIMPLE_CLIENT_DATA),
    (Side::Server, SIMPLE_SERVER_DATA),
    (Side::Client, SIMPLE_CLIENT_CLOSE),
    (Side::Server, SIMPLE_SERVER_CLOSE),
];

#[test]
fn section_3_is_decrypted() {
    let said = said(&SECTION_3, &section_3_log());
    assert_eq!(said.plain(Side::Client), fifty());
    assert_eq!(said.plain(Side::Server), fifty());
    assert_eq!(said.opaque, 0);
    assert!(said.log.contains(&"certificates Server CN=rsa CN=rsa".to_owned()), "{:?}", said.log);
    assert!(said.log.contains(&"alert Server 1 0".to_owned()), "{:?}", said.log);
    assert!(said.log.contains(&"server 0304 1301 retry false resumed false".to_owned()), "{:?}", said.log);
    assert!(said.notes.is_empty(), "{:?}", said.notes);
}

#[test]
fn section_3_is_decrypted_with_the_application_secrets_alone() {
    let keys = log(
        SECTION_3_RANDOM,
        &[
            ("CLIENT_TRAFFIC_SECRET_0", "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5"),
            ("SERVER_TRAFFIC_SECRET_0", "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643"),
        ],
    );
    let said = said(&SECTION_3, &keys);
    assert_eq!((said.plain(Side::Client), said.plain(Side::Server)), (fifty(), fifty()));
    assert!(said.log.contains(&"missing CLIENT_HANDSHAKE_TRAFFIC_SECRET".to_owned()));
    assert!(!said.log.iter().any(|line| line.starts_with("break")), "{:?}", said.log);
}

#[test]
fn section_3_without_keys_is_opaque_with_its_host() {
    let said = said(&SECTION_3, &KeyLog::default());
    assert_eq!(said.plain(Side::Client).len() + said.plain(Side::Server).len(), 0);
    assert!(said.log.contains(&"client server".to_owned()), "{:?}", said.log);
    assert_eq!(said.log.iter().filter(|line| line.starts_with("missing")).count(), 4);
    assert!(said.opaque > 900);
}

#[test]
fn section_3_of_the_client_alone_is_decrypted() {
    let client: Vec<_> = SECTION_3.into_iter().filter(|record| record.0 == Side::Client).collect();
    let said = said(&client, &section_3_log());
    assert_eq!((said.plain(Side::Client), said.opaque), (fifty(), 0));
}

#[test]
fn section_3_with_the_sides_one_after_the_other_is_decrypted() {
    for first in [Side::Client, Side::Server] {
        let mut records = SECTION_3.to_vec();
        records.sort_by_key(|record| record.0 != first);
        let said = said(&records, &section_3_log());
        assert_eq!((said.plain(Side::Client), said.plain(Side::Server)), (fifty(), fifty()));
    }
}

#[test]
fn section_4_has_early_data() {
    let keys = log(
        "1bc3ceb6bbe39cff938355b5a50adb6db21b7a6af649d7b4bc419d7876487d95",
        &[
            (
                "CLIENT_EARLY_TRAFFIC_SECRET",
                "3fbbe6a60deb66c30a32795aba0eff7eaa10105586e7be5c09678d63b6caab62",
            ),
            (
                "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                "2faac08f851d35fea3604fcb4de82dc62c9b164a70974d0462e27f1ab278700f",
            ),
            (
                "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                "fe927ae271312e8bf0275b581c54eef020450dc4ecffaa05a1a35d27518e7803",
            ),
            ("CLIENT_TRAFFIC_SECRET_0", "2abbf2b8e381d23dbebe1dd2a7d16a8bf484cb4950d23fb7fb7fa8547062d9a1"),
            ("SERVER_TRAFFIC_SECRET_0", "cc21f1bf8feb7dd5fa505bd9c4b468a9984d554a993dc49e6d285598fb672691"),
        ],
    );
    let records = [
        (Side::Client, RESUMED_CLIENT_HELLO),
        (Side::Client, RESUMED_EARLY_DATA),
        (Side::Server, RESUMED_SERVER_HELLO),
        (Side::Server, RESUMED_SERVER_FLIGHT),
        (Side::Client, RESUMED_CLIENT_FINISHED),
        (Side::Client, RESUMED_CLIENT_DATA),
        (Side::Server, RESUMED_SERVER_DATA),
        (Side::Client, RESUMED_CLIENT_CLOSE),
        (Side::Server, RESUMED_SERVER_CLOSE),
    ];
    let said = said(&records, &keys);
    assert_eq!(said.plain(Side::Client), [b"ABCDEF".to_vec(), fifty()].concat());
    assert_eq!((said.plain(Side::Server), said.early, said.opaque), (fifty(), 6, 0));
    assert!(said.log.contains(&"server 0304 1301 retry false resumed true".to_owned()), "{:?}", said.log);
    assert!(said.log.contains(&"extensions early true".to_owned()), "{:?}", said.log);
}

#[test]
fn section_5_asks_for_a_second_hello() {
    let keys = log(
        "b0b1c5a5aa37c5919f2ed1d5c6fff7fcb7849716945a2b8cee9258a346677b6f",
        &[
            (
                "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
                "158aa7ab8855073582b41d674b4055cabcc534728f659314861b4e08e2011566",
            ),
            (
                "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                "3403e781e2af7b6508da28574f6e95a1abf162de83a97927c37672a4a0cef8a1",
            ),
            ("CLIENT_TRAFFIC_SECRET_0", "75ecf4b972525aa0dcd057c9944d4cd5d82671d8843141d7dc2a4ff15a21dc51"),
            ("SERVER_TRAFFIC_SECRET_0", "5c74f87df04225db0f8209c9de6429e49435fdefa7cad61864874d12f31cfc8d"),
        ],
    );
    let records = [
        (Side::Client, RETRY_CLIENT_HELLO),
        (Side::Server, RETRY_REQUEST),
        (Side::Client, RETRY_SECOND_HELLO),
        (Side::Server, RETRY_SERVER_HELLO),
        (Side::Server, RETRY_SERVER_FLIGHT),
        (Side::Client, RETRY_CLIENT_FINISHED),
        (Side::Client, RETRY_CLIENT_CLOSE),
        (Side::Server, RETRY_SERVER_CLOSE),
    ];
    let said = said(&records, &keys);
    assert_eq!(said.opaque, 0);
    let alerts: Vec<_> = said.log.iter().filter(|line| line.starts_with("alert")).collect();
    assert_eq!(alerts, ["alert Client 1 0", "alert Server 1 0"]);
    assert_eq!(said.log.iter().filter(|line| line.starts_with("client ")).count(), 2);
}

#[test]
fn the_server_name_is_that_of_the_trace() {
    let mut hello = None;
    let mut connection = Connection::new(Limits::default());
    let bytes = unhex(SIMPLE_CLIENT_HELLO);
    connection.push(Side::Client, &bytes, 0, None, &KeyLog::default(), &mut |output| {
        if let Output::ClientHello(read) = output {
            hello = Some(read.clone());
        }
    });
    let hello: ClientHello = hello.unwrap();
    assert_eq!((hello.server_name.as_deref(), hello.versions.as_slice()), (Some("server"), &[0x0304][..]));
    assert!(hello.ja4.starts_with("t13d030900_"), "{}", hello.ja4);
}

/// Section 3.
const SIMPLE_CLIENT_HELLO: &str = "\
    16030100c4010000c00303cb34ecb1e78163ba1c38c6dacb196a6dffa21a8d9912ec18a2ef6283024dece700000613011303\
    1302010000910000000b0009000006736572766572ff01000100000a00140012001d00170018001901000101010201030104\
    00230000003300260024001d002099381de560e4bd43d23d8e435a7dbafeb3c06e51c13cae4d5413691e529aaf2c002b0003\
    020304000d0020001e040305030603020308040805080604010501060102010402050206020202002d00020101001c000240\
    01";

/// Section 3.
const SIMPLE_SERVER_HELLO: &str = "\
    160303005a020000560303a6af06a4121860dc5e6e60249cd34c95930c8ac5cb1434dac155772ed3e2692800130100002e00\
    330024001d0020c9828876112095fe66762bdbf7c672e156d6cc253b833df1dd69b1b04e751f0f002b00020304";

/// Section 3.
const SIMPLE_SERVER_FLIGHT: &str = "\
    17030302a2d1ff334a56f5bff6594a07cc87b580233f500f45e489e7f33af35edf7869fcf40aa40aa2b8ea73f848a7ca0761\
    2ef9f945cb960b4068905123ea78b111b429ba9191cd05d2a389280f526134aadc7fc78c4b729df828b5ecf7b13bd9aefb0e\
    57f271585b8ea9bb355c7c79020716cfb9b1183ef3ab20e37d57a6b9d7477609aee6e122a4cf51427325250c7d0e50928944\
    4c9b3a648f1d71035d2ed65b0e3cdd0cbae8bf2d0b227812cbb360987255cc744110c453baa4fcd610928d809810e4b7ed1a\
    8fd991f06aa6248204797e36a6a73b70a2559c09ead686945ba246ab66e5edd8044b4c6de3fcf2a89441ac66272fd8fb330e\
    f8190579b3684596c960bd596eea520a56a8d650f563aad27409960dca63d3e688611ea5e22f4415cf9538d51a200c270342\
    72968a264ed6540c84838d89f72c24461aad6d26f59ecaba9acbbb317b66d902f4f292a36ac1b639c637ce343117b6596222\
    45317b49eeda0c6258f100d7d961ffb138647e92ea330faeea6dfa31c7a84dc3bd7e1b7a6c7178af36879018e3f252107f24\
    3d243dc7339d5684c8b0378bf30244da8c87c843f5e56eb4c5e8280a2b48052cf93b16499a66db7cca71e4599426f7d461e6\
    6f99882bd89fc50800becca62d6c74116dbd2972fda1fa80f85df881edbe5a37668936b335583b599186dc5c6918a396fa48\
    a181d6b6fa4f9d62d513afbb992f2b992f67f8afe67f76913fa388cb5630c8ca01e0c65d11c66a1e2ac4c85977b7c7a6999b\
    bf10dc35ae69f5515614636c0b9b68c19ed2e31c0b3b66763038ebba42f3b38edc0399f3a9f23faa63978c317fc9fa66a73f\
    60f0504de93b5b845e275592c12335ee340bbc4fddd502784016e4b3be7ef04dda49f4b440a30cb5d2af939828fd4ae3794e\
    44f94df5a631ede42c1719bfdabf0253fe5175be898e750edc53370d2b";

/// Section 3.
const SIMPLE_CLIENT_FINISHED: &str = "\
    170303003575ec4dc238cce60b298044a71e219c56cc77b0517fe9b93c7a4bfc44d87f38f80338ac98fc46deb384bd1caeac\
    ab6867d726c40546";

/// Section 3.
const SIMPLE_TICKET: &str = "\
    17030300de3a6b8f90414a97d6959c3487680de5134a2b240e6cffac116e95d41d6af8f6b580dcf3d11d63c758db289a0159\
    40252f55713e061dc13e078891a38efbcf5753ad8ef170ad3c7353d16d9da773b9ca7f2b9fa1b6c0d4a3d03f75e09c30ba1e\
    62972ac46f75f7b981be63439b2999ce13064615139891d5e4c5b406f16e3fc181a77ca475840025db2f0a77f81b5ab05b94\
    c01346755f69232c86519d86cbeeac87aac347d143f9605d64f650db4d023e70e952ca49fe5137121c74bc2697687e248746\
    d6df353005f3bce18696129c8153556b3b6c6779b37bf15985684f";

/// Section 3.
const SIMPLE_CLIENT_DATA: &str = "\
    1703030043a23f7054b62c94d0affafe8228ba55cbefacea42f914aa66bcab3f2b9819a8a5b46b395bd54a9a20441e2b6297\
    4e1f5a6292a2977014bd1e3deae63aeebb21694915e4";

/// Section 3.
const SIMPLE_SERVER_DATA: &str = "\
    17030300432e937e11ef4ac740e538ad36005fc4a46932fc3225d05f82aa1b36e30efaf97d90e6dffc602dcb501a59a8fcc4\
    9c4bf2e5f0a21c0047c2abf332540dd032e167c2955d";

/// Section 3.
const SIMPLE_CLIENT_CLOSE: &str = "\
    1703030013c9872760655666b74d7ff1153efd6db6d0b0e3";

/// Section 3.
const SIMPLE_SERVER_CLOSE: &str = "\
    1703030013b58fd67166ebf599d24720cfbe7efa7a8864a9";

/// Section 4.
const RESUMED_CLIENT_HELLO: &str = "\
    1603010200010001fc03031bc3ceb6bbe39cff938355b5a50adb6db21b7a6af649d7b4bc419d7876487d9500000613011303\
    1302010001cd0000000b0009000006736572766572ff01000100000a00140012001d00170018001901000101010201030104\
    003300260024001d0020e4ffb68ac05f8d96c99da26698346c6be16482badddafe051a66b4f18d668f0b002a0000002b0003\
    020304000d0020001e040305030603020308040805080604010501060102010402050206020202002d00020101001c000240\
    0100150057000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
    000000000000000000000000000000000000000000000000000000000000000000000000000000000000002900dd00b800b2\
    2c035d829359ee5ff7af4ec900000000262a6494dc486d2c8a34cb33fa90bf1b0070ad3c498883c9367c09a2be785abc55cd\
    226097a3a982117283f82a03a143efd3ff5dd36d64e861be7fd61d2827db279cce145077d454a3664d4e6da4d29ee03725a6\
    a4dafcd0fc67d2aea70529513e3da2677fa5906c5b3f7d8f92f228bda40dda721470f9fbf297b5aea617646fac5c03272e97\
    0727c621a79141ef5f7de6505e5bfbc388e93343694093934ae4d357fad6aacb0021203add4fb2d8fdf822a0ca3cf7678ef5\
    e88dae990141c5924d57bb6fa31b9e5f9d";

/// Section 4.
const RESUMED_EARLY_DATA: &str = "\
    1703030017ab1df420e75c457a7cc5d2844f76d5aee4b4edbf049be0";

/// Section 4.
const RESUMED_SERVER_HELLO: &str = "\
    16030300600200005c03033ccfd2dec890222763472ae8136777c9d7358777bb66e91ea5122495f559ea2d00130100003400\
    290002000000330024001d0020121761ee42c333e1b9e77b60dd57c2053cd94512ab47f115e86eff50942cea31002b000203\
    04";

/// Section 4.
const RESUMED_SERVER_FLIGHT: &str = "\
    1703030061dc48237b4b879f50d0d4d262ea8b4716eb40ddc1eb957e11126e8a7149c2d012d37a7115957e64ce30008b9e03\
    23f2c05a9c1c77b4f37849a695ab255060a33fee770ca95cb8486bfd0843b87024865ca35cc41c4e515c64dcb1369f98635b\
    c7a5";

/// Section 4.
const RESUMED_CLIENT_FINISHED: &str = "\
    1703030015aca6fc944841298df99593725f9bf9754429b12f09170303003500f8b467d14cf22a4b3f0b6ae0d8e6cc8d08e0\
    db3515ef5c2bdf1922eafbb70009964716d834fb70c3d2a56c5b1f5f6bdba6c333cf";

/// Section 4.
const RESUMED_CLIENT_DATA: &str = "\
    1703030043b1cebce242aa201be9ae5e1cb2a9aa4b33d4e866af1edb068919237741aa031d7a74d491c99b9d4e232b74206b\
    c6fbaa04fe78be44a9b4f54320a17eb76992afac3103";

/// Section 4.
const RESUMED_SERVER_DATA: &str = "\
    1703030043275e9f20acff57bc000657d3867df039cccf79047884cf75771746f740b5a83f462a0954c3581393a203a25a7d\
    d14141ef1a37900cdb62ff62dee1ba39ab2590cbf194";

/// Section 4.
const RESUMED_CLIENT_CLOSE: &str = "\
    17030300130facce3246bdfc6369838d6a82ae6de5d422dc";

/// Section 4.
const RESUMED_SERVER_CLOSE: &str = "\
    17030300135b18af444e8e1eec7158fb62d8f2577d37ba5d";

/// Section 5.
const RETRY_CLIENT_HELLO: &str = "\
    16030100b4010000b00303b0b1c5a5aa37c5919f2ed1d5c6fff7fcb7849716945a2b8cee9258a346677b6f00000613011303\
    1302010000810000000b0009000006736572766572ff01000100000a00080006001d00170018003300260024001d0020e8e8\
    e3f3b93a25ed97a14a7dcacb8a272c6288e585c6484d05262fcad062ad1f002b0003020304000d0020001e04030503060302\
    0308040805080604010501060102010402050206020202002d00020101001c00024001";

/// Section 5.
const RETRY_REQUEST: &str = "\
    16030300b0020000ac0303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c00130100008400\
    3300020017002c0074007271dcd04bb88bc3189119398a00000000eefafc76c146b823b096f8aacad365dd0030953f4edf62\
    5636e5f21bb2e23fcc654b1b5b40318d10d137abcbb87574e36e8a1f025f7dfa5d6e50781b5eda4aa15b0c8be778257d16aa\
    3030e9e7841dd9e4c0342267e8ca0caf571fb2b7cff0f934b0002b00020304";

/// Section 5.
const RETRY_SECOND_HELLO: &str = "\
    1603030200010001fc0303b0b1c5a5aa37c5919f2ed1d5c6fff7fcb7849716945a2b8cee9258a346677b6f00000613011303\
    1302010001cd0000000b0009000006736572766572ff01000100000a00080006001d001700180033004700450017004104a6\
    da7392ec591e17abfd535964b99894d13befb221b3def2ebe3830eac8f0151812677c4d6d2237e85cf01d6910cfb83954e76\
    ba7352830534159897e8065780002b0003020304000d0020001e040305030603020308040805080604010501060102010402\
    050206020202002c0074007271dcd04bb88bc3189119398a00000000eefafc76c146b823b096f8aacad365dd0030953f4edf\
    625636e5f21bb2e23fcc654b1b5b40318d10d137abcbb87574e36e8a1f025f7dfa5d6e50781b5eda4aa15b0c8be778257d16\
    aa3030e9e7841dd9e4c0342267e8ca0caf571fb2b7cff0f934b0002d00020101001c00024001001500af0000000000000000\
    0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
    0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
    0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
    0000000000000000000000000000000000";

/// Section 5.
const RETRY_SERVER_HELLO: &str = "\
    160303007b020000770303bb341d847fd789c47c387172dc0c9bf147fccacb5043d86ca4c598d3ff571b9800130100004f00\
    3300450017004104583e054b7a66672ae020ad9d2686fcc85b5ad41a134a0f03ee72b893052bd85b4c8de6776f5b04ac07d8\
    3540eab3e3d9c547bc6528c4317d294686093a6cad7d002b00020304";

/// Section 5.
const RETRY_SERVER_FLIGHT: &str = "\
    170303029699bee20baf5b7fc727bfab6223928a381e6d0cf9c4da653f9d2a7b23f7de11cce842d5cf75631763450ffb8b0c\
    c1d238e658af7a12adc86243114ab14a1da2fae42621ce483fb6242eabfaad52566b02b31d2eddedefeb80e66a9900d5f973\
    b40c4fdf74719ecf1b68d7f9c3b6ceb903ca13dd1bb8f8187ae33417e1d152522c5822a1a03ad52c838c55953d610222874c\
    ce8e1790b229a2aa0b53c8d377ee720182951dc6181dc5d90bd1f0105ed1e84aa5f75957c6661897079e5ea5007449e3197b\
    dc7c9beeedddeafdd844afa5c315ecfe65e576afe909812880620ec7048b42d7f5c78d76f299d6d82534bdd8f512febc0ed3\
    814aca470cd8000d3e1cb9962b052fbb950df683a52c2ba77ed3713b122937a6e5170964e2ab7969dcd980b3db9b458da760\
    3124d6dc005e4d6e04b4d0c4baf3275db827dbba0a6db09672171fc057b3851d7e026841e2978fbd2346bbefdd0376bb1108\
    fe9acc92189f5650aa5e85d8e8c7b67ac510dba003d3d7e16350bb66d45013efd44c9b607c0d318c4c7d1a1f5cbc57e20611\
    804e3787d7b4a4b5f08ed8fd70bdaeade02260b12ab842ef690b4a3ee7911e841b374ecd5ebbbc2a54d047b600336dd7d0c8\
    8b4bc10e58ee6cb656de7247fa20d8e91deb84628608cf80615b62e96c1491c7ac3755eb6901405d3474fe1ac79d106a0cee\
    56c2577fc88480f96cb6b8c681b7b68b53c146093908f350888175bdfb0b1e31ad61e30ba0adfe6d223aa03c0783b5001a57\
    587c328a9afcfcfb978d1cd4328f7d9d60530e630befd96c0c816ee20b0100768ae2a6df51fc68f172740a79af11398ee3be\
    1252491fa9c693479e877f94ab7c5f8cad480203e6ab7b87dd71e8a0729113df17f5eee86ce108d1d72007ec1cd13c85a6c1\
    49621e77b7d78d805a30f0be030c315e54";

/// Section 5.
const RETRY_CLIENT_FINISHED: &str = "\
    1703030035d74f1923c662fd34137c6f502f3dd2b93d951d1b3bc97e42afe23c31abea92fe91b474999e85e3b791ce252fe8\
    c3e9f939a4120cb2";

/// Section 5.
const RETRY_CLIENT_CLOSE: &str = "\
    17030300132ea6cdf749196023e2b3a49491695536426047";

/// Section 5.
const RETRY_SERVER_CLOSE: &str = "\
    1703030013519fc5075cb0884349759ff9ef6f011bb4c6f2";
