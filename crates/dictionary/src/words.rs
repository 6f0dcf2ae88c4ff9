//! What shops sell: one list a language. Brands and sizes make more articles of them.
//!
//! The last lists are of languages and trades that no shop to train on has.

/// English, groceries.
pub const ENGLISH: &str = "Whole Milk,Skim Milk,Butter,Eggs Large,White Bread,Wholemeal Loaf,Bagels,Cheddar,\
    Cream Cheese,Yoghurt,Greek Yogurt,Orange Juice,Apple Juice,Bananas,Apples,Grapes,Strawberries,Avocado,\
    Lemons,Tomatoes,Potatoes,Onions,Carrots,Broccoli,Lettuce,Cucumber,Mushrooms,Chicken Breast,Ground Beef,\
    Bacon,Ham,Sausages,Salmon Fillet,Tuna Chunks,Rice,Pasta,Spaghetti,Olive Oil,Flour,Sugar,Salt,Coffee,\
    Tea Bags,Cereal,Oatmeal,Peanut Butter,Jam,Honey,Ketchup,Mayonnaise,Baked Beans,Soup,Crisps,Potato Chips,\
    Chocolate Bar,Cookies,Ice Cream,Sparkling Water,Spring Water,Cola,Lemonade,Beer,Red Wine,White Wine,\
    Toilet Paper,Kitchen Roll,Dish Soap,Laundry Detergent,Shampoo,Toothpaste,Hand Soap,Diapers,Batteries AA,\
    Carrier Bag,Gift Card,Sandwich,Wrap,Croissant,Muffin,Latte,Cappuccino,Americano,Espresso,Hot Chocolate";

/// German, groceries.
pub const GERMAN: &str = "Vollmilch,Frische Milch,Butter,Eier,Weißbrot,Vollkornbrot,Brötchen,Gouda,Frischkäse,\
    Joghurt,Quark,Sahne,Orangensaft,Apfelsaft,Bananen,Äpfel,Trauben,Erdbeeren,Zitronen,Tomaten,Kartoffeln,\
    Zwiebeln,Karotten,Paprika,Salat,Gurke,Champignons,Hähnchenbrust,Hackfleisch,Schinken,Salami,Bratwurst,\
    Lachsfilet,Reis,Nudeln,Spaghetti,Olivenöl,Mehl,Zucker,Salz,Kaffee,Tee,Müsli,Haferflocken,Marmelade,Honig,\
    Ketchup,Senf,Suppe,Chips,Schokolade,Kekse,Eis,Mineralwasser,Cola,Limonade,Bier,Pfand,Leergut,Rotwein,\
    Weißwein,Toilettenpapier,Küchenrolle,Spülmittel,Waschmittel,Shampoo,Zahnpasta,Seife,Windeln,Batterien,\
    Tragetasche,Latte Macchiato,Brezel,Zeitung";

/// French, groceries.
pub const FRENCH: &str = "LAIT ENTIER,LAIT DEMI ECREME,BEURRE DOUX,OEUFS,BAGUETTE,PAIN COMPLET,CROISSANT,\
    PAIN CHOCOLAT,CAMEMBERT,EMMENTAL,YAOURT NATURE,CREME FRAICHE,JUS ORANGE,JUS POMME,BANANES,POMMES,RAISIN,\
    FRAISES,CITRONS,TOMATES,POMMES DE TERRE,OIGNONS,CAROTTES,SALADE,CONCOMBRE,CHAMPIGNONS,FILET POULET,\
    STEAK HACHE,JAMBON,SAUCISSON,SAUMON,THON,RIZ,PATES,HUILE OLIVE,FARINE,SUCRE,SEL,CAFE MOULU,THE,CEREALES,\
    CONFITURE,MIEL,KETCHUP,MOUTARDE,SOUPE,CHIPS,CHOCOLAT NOIR,BISCUITS,GLACE,EAU MINERALE,COLA,BIERE,VIN ROUGE,\
    VIN BLANC,PAPIER TOILETTE,ESSUIE TOUT,LIQUIDE VAISSELLE,LESSIVE,SHAMPOOING,DENTIFRICE,SAVON,COUCHES,\
    SAC CABAS,Menu Midi,Café";

/// Spanish, groceries.
pub const SPANISH: &str = "LECHE ENTERA,LECHE DESN,MANTEQUILLA,HUEVOS,PAN BARRA,PAN MOLDE,QUESO,YOGUR,NATA,\
    ZUMO NARANJA,PLATANOS,MANZANAS,UVAS,FRESAS,LIMONES,TOMATES,PATATAS,CEBOLLAS,ZANAHORIAS,LECHUGA,PEPINO,\
    PECHUGA POLLO,CARNE PICADA,JAMON SERRANO,CHORIZO,SALMON,ATUN,ARROZ,PASTA,ACEITE OLIVA,HARINA,AZUCAR,SAL,\
    CAFE,TE,CEREALES,MERMELADA,MIEL,SOPA,PATATAS FRITAS,CHOCOLATE,GALLETAS,HELADO,AGUA MINERAL,REFRESCO COLA,\
    CERVEZA,VINO TINTO,VINO BLANCO,PAPEL HIGIENICO,DETERGENTE,CHAMPU,DENTIFRICO,JABON,BOLSA";

/// Italian, groceries.
pub const ITALIAN: &str = "LATTE INTERO,BURRO,UOVA,PANE,MOZZARELLA,PARMIGIANO,YOGURT,PANNA,SUCCO ARANCIA,BANANE,\
    MELE,UVA,FRAGOLE,LIMONI,POMODORI,PATATE,CIPOLLE,CAROTE,INSALATA,PETTO POLLO,PROSCIUTTO,SALAME,SALMONE,TONNO,\
    RISO,SPAGHETTI,PENNE,OLIO OLIVA,FARINA,ZUCCHERO,SALE,CAFFE,THE,MARMELLATA,MIELE,PASSATA,CIOCCOLATO,BISCOTTI,\
    GELATO,ACQUA NAT,ACQUA FRIZZ,BIRRA,VINO ROSSO,CARTA IGIENICA,DETERSIVO,SHAMPOO,DENTIFRICIO,SAPONE,SHOPPER,\
    PIZZA MARGHERITA,TIRAMISU,ESPRESSO,COPERTO";

/// Dutch and Swedish, groceries.
pub const NORTHERN: &str = "Halfvolle Melk,Boter,Eieren,Volkoren Brood,Kaas Jong,Yoghurt,Sinaasappelsap,Bananen,\
    Appels,Druiven,Aardbeien,Tomaten,Aardappelen,Uien,Wortelen,Komkommer,Kipfilet,Gehakt,Ham,Zalm,Rijst,\
    Macaroni,Olijfolie,Bloem,Suiker,Koffie,Thee,Hagelslag,Pindakaas,Chips,Chocolade,Koekjes,Bier,Wijn,\
    Statiegeld,Tas,Mjölk,Smör,Ägg,Bröd,Ost,Filmjölk,Juice,Bananer,Äpplen,Tomater,Potatis,Lök,Morötter,Gurka,\
    Kyckling,Köttfärs,Lax,Ris,Pasta,Mjöl,Socker,Kaffe,Te,Godis,Glass,Läsk,Öl,Pant,Påse";

/// Polish, groceries.
pub const POLISH: &str = "MLEKO,MASŁO,JAJA,CHLEB,BUŁKA,SER ŻÓŁTY,TWARÓG,JOGURT,ŚMIETANA,SOK POMARAŃCZ,BANANY,\
    JABŁKA,POMIDORY,ZIEMNIAKI,CEBULA,MARCHEW,OGÓREK,FILET KURCZAK,MIĘSO MIEL,SZYNKA,KIEŁBASA,ŁOSOŚ,RYŻ,MAKARON,\
    OLEJ,MĄKA,CUKIER,SÓL,KAWA,HERBATA,DŻEM,MIÓD,CZEKOLADA,CIASTKA,LODY,WODA,COLA,PIWO,WINO,PAPIER TOALET,\
    PROSZEK,SZAMPON,MYDŁO,REKLAMÓWKA";

/// English, a pharmacy and a stationer.
pub const DRUGSTORE: &str = "Ibuprofen 200,Aspirin,Vitamin C,Plasters,Hand Cream,Sun Lotion,Lip Balm,\
    Cotton Pads,Razor Blades,Deodorant,Face Wash,Nail Polish,Hair Dye,Ballpoint Pen,Notebook A5,Printer Paper,\
    Envelopes,Tape,Marker,Pencils,Greeting Card,Gift Wrap,Magazine,Newspaper,Phone Charger,USB Cable,Light Bulb,\
    Umbrella,Socks,T-Shirt,Jeans,Scarf";

/// Portuguese, groceries: no shop to train on.
pub const PORTUGUESE: &str = "LEITE MEIO GORDO,MANTEIGA,OVOS M,PAO DE FORMA,QUEIJO FLAMENGO,IOGURTE,\
    SUMO LARANJA,BANANA,MACA GALA,UVA BRANCA,MORANGOS,TOMATE,BATATA,CEBOLA,CENOURA,ALFACE,PEITO FRANGO,\
    CARNE PICADA,FIAMBRE,SALMAO,BACALHAU,ARROZ AGULHA,ESPARGUETE,AZEITE,FARINHA,ACUCAR,CAFE MOIDO,CHA VERDE,\
    DOCE MORANGO,BOLACHAS,GELADO,AGUA LUSO,CERVEJA,VINHO TINTO,PAPEL HIG,DETERGENTE,SACO";

/// Czech, groceries: no shop to train on.
pub const CZECH: &str = "MLÉKO PLNOTUČNÉ,MÁSLO,VEJCE,CHLÉB,ROHLÍK,EIDAM,TVAROH,SMETANA,DŽUS POMERANČ,BANÁNY,\
    JABLKA,HROZNY,RAJČATA,BRAMBORY,CIBULE,MRKEV,OKURKA,KUŘECÍ PRSA,MLETÉ MASO,ŠUNKA,PÁREK,LOSOS,RÝŽE,TĚSTOVINY,\
    OLEJ,MOUKA,CUKR,SŮL,KÁVA,ČAJ,MARMELÁDA,ČOKOLÁDA,SUŠENKY,ZMRZLINA,VODA PERLIVÁ,PIVO,VÍNO,PRÁŠEK,ŠAMPON,MÝDLO,\
    TAŠKA";

/// English, a hardware shop: no shop to train on.
pub const HARDWARE: &str = "Wood Screw 4x40,Hex Bolt M8,Washer Pack,Claw Hammer,Cordless Drill,Drill Bit Set,\
    Sandpaper P120,Masking Tape,Paint Roller,Emulsion Magnolia,Gloss Brilliant,Wallpaper Paste,Tile Grout,\
    Silicone Clear,Copper Pipe 15,Compression Elbow,Cable Clip,Twin Socket,Dimmer Switch,Extension Lead,\
    Padlock 40mm,Hinge Brass,Door Handle,Garden Hose,Compost 50L,Lawn Seed,Plant Pot,Secateurs,Work Gloves,\
    Safety Goggles,Dust Sheet,Spirit Level,Tape Measure 5m,Stanley Knife,Wall Plug Red";

/// The articles of a list.
pub fn list(words: &'static str) -> Vec<&'static str> {
    words.split(',').collect()
}
