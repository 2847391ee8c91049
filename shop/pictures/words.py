"""Which shape a product's name or category suggests."""

import re
from functools import cache

# Earlier rows win, so that a "laptop bag" is a bag and a "phone charger" is a charger.
WORDS: tuple[tuple[str, str], ...] = (
    ("bag", "bag backpack rucksack tote satchel sleeve suitcase luggage purse shopper pack lunchbag"),
    ("cable", "cable charger adapter adaptor usb powerbank hub plug dock docking"),
    ("stand", "stand tripod mount holder easel rack"),
    ("case", "case cover folio wallet pouch"),
    ("mouse", "mouse mice trackball mousepad"),
    ("keyboard", "keyboard keypad"),
    ("headphones", "headphone headphones headset earphones earbuds"),
    ("speaker", "speaker speakers soundbar radio microphone"),
    ("camera", "camera camcorder webcam lens"),
    ("watch", "watch smartwatch wristband tracker"),
    ("monitor", "monitor screen display television tv"),
    ("tablet", "tablet ereader reader"),
    ("laptop", "laptop laptops notebook-computer ultrabook chromebook computer computers computing"),
    ("phone", "phone smartphone phones smartphones mobile handset"),
    ("memory", "memory ssd disk drive storage sd card-reader"),
    ("candle", "candle candles tealight t-light tlight lantern votive wax"),
    ("lamp", "lamp lamps light lights lighting bulb torch flashlight headlamp headlight"),
    ("teapot", "teapot kettle jug pitcher"),
    ("mug", "mug mugs cup cups tea espresso saucer teacup tumbler"),
    ("machine", "machine maker grinder brewer mixer blender toaster processor printer"),
    ("beans", "coffee beans roast filter filters flour sugar rice food feed kibble treats snack"),
    ("bottle", "bottle bottles flask thermos wine oil vinegar water drink"),
    ("pump", "soap shampoo lotion sanitizer gel conditioner cleanser wash detergent serum"),
    ("jar", "cream jar jars balm butter honey jam candy storage-jar powder tin tins"),
    ("pan", "pan pans pot skillet wok casserole cookware saucepan"),
    ("knife", "knife knives cutlery fork spoon scissors cutter peeler spatula"),
    ("plate", "plate plates bowl dish tray platter tableware cakestand cake baking"),
    ("book", "book books notebook journal diary novel guide planner sketchbook cookbook album"),
    ("pen", "pen pens pencil pencils marker crayon brush brushes paintbrush"),
    ("shirt", "shirt shirts tee t-shirt tshirt top blouse jersey polo apron clothing fashion wear"),
    ("jacket", "jacket coat hoodie sweater cardigan fleece parka vest raincoat"),
    ("trousers", "trousers jeans pants shorts leggings tights"),
    ("shoe", "shoe shoes sneaker sneakers boot boots trainer sandal sandals slipper slippers"),
    ("socks", "sock socks"),
    ("hat", "hat cap beanie helmet bonnet"),
    ("glasses", "glasses sunglasses goggles spectacles"),
    ("umbrella", "umbrella parasol"),
    ("ball", "ball football basketball volleyball tennis"),
    ("racket", "racket racquet badminton"),
    ("dumbbell", "dumbbell dumbbells weight weights kettlebell fitness gym"),
    ("mat", "mat yoga rug towel towels blanket throw sleeping sleepingbag quilt bedding"),
    ("bike", "bike bicycle cycle cycling"),
    ("tent", "tent camping tarp hammock"),
    ("car", "car truck toy toys train vehicle"),
    ("blocks", "blocks bricks puzzle game games lego dominoes jigsaw set"),
    ("teddy", "teddy bear doll plush rabbit cat dog puppet"),
    ("plant", "plant plants pot-plant flower flowers fern garden seed seeds herb tree rose"),
    ("tool", "tool tools drill hammer screwdriver wrench saw pliers"),
    ("clock", "clock alarm timer"),
    ("cushion", "cushion cushions pillow pillows"),
    ("frame", "frame frames picture print poster mirror chalkboard board sign plaque canvas"),
    ("chair", "chair chairs stool armchair seat sofa furniture bench"),
    ("desk", "desk table tables shelf bookcase"),
    ("heart", "heart hearts"),
    ("bauble", "bauble christmas ornament decoration garland bunting wreath xmas star"),
    ("gift", "gift card cards wrap ribbon present party"),
    ("ring", "ring necklace bracelet earrings earring jewellery jewelry bangle charm"),
    ("parcel", "box boxes crate basket drawer chest"),
)

# A name that suggests nothing gets one of these, always the same one.
PLAIN_SHAPES = ("parcel", "jar", "gift", "tube", "blocks")


def shape_name(name: str, category: str) -> str:
    """Return the name of the shape for a product; its own name counts before its category."""
    for text in (name, category):
        words = set(re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower()))
        words |= {part for word in words for part in word.split("-")}
        for shape, listed in _word_sets():
            if words & listed:
                return shape
    return PLAIN_SHAPES[sum((name or category).encode()) % len(PLAIN_SHAPES)]


@cache
def _word_sets() -> tuple[tuple[str, frozenset[str]], ...]:
    rows = []
    for shape, words in WORDS:
        listed = set(words.split())
        rows.append((shape, frozenset(listed | {f"{word}s" for word in listed})))
    return tuple(rows)
