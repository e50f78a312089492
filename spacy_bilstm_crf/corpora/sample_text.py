"""The words and sentence patterns of the built-in sample. All of it was written for it."""

Pattern = str

NAME_PARTS = {
    "starts": "Bal Bren Cas Dor Elm Fen Gal Har Ilv Jas Kel Lor Mar Nes Ol Pel Quin Ros Sel Tam Ul "
    "Vas Wen Yar Zel Brun Cor Dal Er Far Gren Hol Is Kor Lan Mel Nor Or Pran Rav Sten Tor Var Wil "
    "An Ber Cal Del Es Fal Gor Hes In Jor Kar Lem Mon Nav Os Pol Ren Sav Tel Und Vel Wol".split(),
    "middles": "a e i o u an en in on ar er or al el il am em im as es is at et it av ev iv "
    "and ent ind ort ast est ist".split(),
    "surnames": "ov enko ini ez berg son ley aki mura ski wick sen dottir ier eau man ford ton "
    "well sky vic ano elli strom".split(),
    "firsts": "a ia o io ek ik ine elle us as in an ey y ette ard win".split(),
    "places": "burg ville ford grad ton mouth pur abad heim polis ica stan ova berg field land "
    "vik holm dam".split(),
    "firms": "tek dyne ex ora tron co gen lux net corp via soft mark".split(),
    "company": ["Corp", "Inc", "Holdings", "Bank", "Motors", "Airways", "Energy", "Industries"],
    "club": ["United", "City", "Rovers", "Wanderers", "Athletic", "Dynamo"],
    "institute": ["University", "Institute of Technology", "Stock Exchange", "Chamber of Commerce"],
    "event": ["Cup", "Open", "Marathon", "Accord", "Grand Prix", "Festival"],
}

AMBIGUOUS = {
    "PER": "Jordan Washington May Lincoln Paris Houston Grant Rose Will Mark Hope Ford Chase "
    "Austin Madison Georgia Holland Marsh Bush Wells Bank Price Banks March".split(),
    "LOC": "Jordan Washington Lincoln Paris Houston Austin Madison Georgia Holland Victoria "
    "Chelsea Florence Santiago Hope Wells".split(),
    "ORG": "Chelsea Ford Chase Santos Washington Lincoln Houston Orange Apple Shell Target".split(),
}

COUNTRIES = [
    ("France", "French"), ("Germany", "German"), ("Japan", "Japanese"), ("Brazil", "Brazilian"),
    ("Kenya", "Kenyan"), ("Norway", "Norwegian"), ("Poland", "Polish"), ("Chile", "Chilean"),
    ("India", "Indian"), ("Egypt", "Egyptian"), ("Canada", "Canadian"), ("Spain", "Spanish"),
    ("Turkey", "Turkish"), ("Ghana", "Ghanaian"), ("Peru", "Peruvian"), ("China", "Chinese"),
]  # fmt: skip

COMMON_WORDS = {
    "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "month": "January March April May June August October".split(),
    "month_number": [f"{month:02d}" for month in range(1, 13)],
    "day_number": [f"{day:02d}" for day in range(1, 29)],
    "role": "president minister striker captain chairman spokesman analyst coach goalkeeper "
    "director lawyer author".split(),
    "thing": "wheat steel oil cotton copper sugar timber coffee".split(),
    "adverb": "narrowly easily finally quietly sharply briefly".split(),
}

PATTERNS: dict[str, list[Pattern]] = {
    "headline": [
        "{PER} wins in {LOC}",
        "{ORG} shares fall after {NAT} ruling",
        "{LOC} talks end without a deal",
        "{ORG} - {NAT} {thing} exports up",
        "{PER} leaves {ORG}",
        "Floods hit {LOC}",
        "{ORG} beat {ORG} {score}",
        "{PER} to visit {LOC} in {month}",
    ],
    "sport": [
        "{PER} scored twice as {ORG} beat {ORG} {score} on {day} .",
        "{ORG} {score} {ORG}",
        "{NAT} {role} {PER} {adverb} won the {EVENT} in {LOC} .",
        "Injured {role} {PER} will miss the match against {ORG} .",
        "{LOC} lost {score} to {LOC} in front of {num} fans .",
        "{PER} ( {LOC} ) beat {PER} ( {LOC} ) {score}",
        "{ORG} signed {PER} from {ORG} for {num} million dollars .",
        "It was {PER} 's first goal since {month} .",
        "{PER} and {PER} share the lead at the {EVENT} .",
        "The {role} , {PER} , said {ORG} had played badly .",
        "{PER} , who was born in {LOC} , joined {ORG} at the age of 17 .",
        "After {num} minutes {PER} was replaced by {PER} .",
    ],
    "business": [
        "{ORG} said on {day} it would cut {num} jobs in {LOC} .",
        "Shares of {ORG} rose {num} cents to close at {num} .",
        "{PER} , {role} of {ORG} , said {thing} prices would fall .",
        "{ORG} bought a {num} percent stake in {ORG} .",
        "{NAT} {thing} exports fell in {month} , {ORG} reported .",
        "{ORG} rose {num} points while {ORG} slipped .",
        "{PER} resigned from the board of {ORG} after the {NAT} inquiry .",
        "Traders in {LOC} said demand for {thing} was weak .",
        "{ORG} and {ORG} plan to build a plant near {LOC} .",
        "A {NAT} unit of {ORG} posted a loss of {num} million .",
        "{PER} expects {ORG} to open in {LOC} next year .",
        "The {NAT} {role} of {ORG} declined to comment .",
    ],
    "politics": [
        "{NAT} {role} {PER} arrived in {LOC} on {day} .",
        "{PER} told {ORG} that talks with {LOC} had failed .",
        "Ties between {LOC} and {LOC} have improved since {month} .",
        "{LOC} and {LOC} signed the {EVENT} despite {NAT} protests .",
        "{PER} met {PER} in {LOC} to discuss {thing} imports .",
        "Police in {LOC} arrested {num} people near the {NAT} embassy .",
        '" We will not leave {LOC} , " {PER} said .',
        "{PER} 's party won {num} seats , according to {ORG} .",
        "The {role} flew from {LOC} to {LOC} with {PER} .",
        "{ORG} accused {PER} of ignoring {LOC} .",
        "Thousands marched through {LOC} against {PER} .",
        "{LOC} has asked {ORG} to send {num} observers .",
    ],
    "weather": [
        "Heavy rain closed the road from {LOC} to {LOC} on {day} .",
        "{num} people died when a ferry sank off {LOC} .",
        "A bus carrying {NAT} tourists crashed near {LOC} .",
        "Rescue workers of {ORG} reached {LOC} late on {day} .",
        "{PER} , a farmer from {LOC} , said the {thing} crop was lost .",
        "An earthquake shook {LOC} , {ORG} said .",
        "Power was cut in {LOC} and in parts of {LOC} .",
        "{ORG} sent food and tents to {LOC} .",
        "The storm , moving towards {LOC} , left {num} homeless .",
    ],
    "ambiguous": [
        "{PER} hopes to return in [LOC Jordan] next May .",
        "In May [PER May] said that he may resign .",
        "[PER Jordan] scored {num} points on {day} .",
        "[LOC Washington] has not answered the {NAT} letter .",
        "[PER Washington] , {num} , was a {role} .",
        "Prices rose in March , and Rose wine sold well .",
        "[PER Rose] sold the shares to [ORG Chase] in April .",
        "Will [PER Will] play in [LOC Paris] ?",
        "Grant money for [LOC Houston] was cut by {num} percent .",
        "[PER Grant] will coach [ORG Houston] until May .",
        "[ORG Chelsea] beat [ORG Santos] {score} .",
        "He lives in [LOC Chelsea] and works in [LOC Lincoln] .",
        "[ORG Ford] will recall {num} cars , [PER Ford] told reporters .",
        "[PER Mark Lincoln] left [ORG Lincoln] for [ORG Apple] .",
        "Apple and orange growers in [LOC Georgia] lost {num} million .",
        "[PER Georgia Wells] said the wells near [LOC Wells] were dry .",
        "The bank said [PER Bank] had no account .",
        "Hope is fading for {num} miners in [LOC Hope] .",
        "[ORG Shell] shares rose ; a shell of the old plant remains .",
        "[LOC Holland] will meet [LOC Georgia] in March .",
    ],
}
