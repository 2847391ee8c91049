"""Which shape a product's name or category suggests."""

import re
from functools import cache

WORDS = {
    "bag": "bag backpack rucksack tote satchel suitcase luggage purse shopper pannier lunchbag",
    "ball": "ball football basketball volleyball tennis balloon",
    "battery": "battery powerbank accumulator",
    "bauble": "bauble christmas ornament decoration garland bunting wreath xmas star",
    "beans": "coffee beans filter flour sugar rice litter soil",
    "bike": "bike bicycle cycle cycling",
    "blocks": "block bricks puzzle game toy lego domino jigsaw dice",
    "book": "book notebook journal diary novel guide planner sketchbook cookbook album",
    "bottle": "bottle flask thermos wine oil vinegar drink shaker",
    "bowl": "bowl pet dog cat",
    "cable": "cable charger adapter adaptor usb plug dock hub hose connector cord",
    "camera": "camera camcorder webcam lens photography",
    "can": "can cartridge tin toner powder food paint spray",
    "candle": "candle tealight t-light lantern votive wax",
    "car": "car truck train vehicle",
    "case": "case cover folio wallet pouch sleeve",
    "chair": "chair stool armchair seat sofa furniture bench living",
    "clock": "clock alarm timer",
    "cushion": "cushion pillow textiles pads",
    "desk": "desk table shelf bookcase work",
    "dumbbell": "dumbbell weight kettlebell fitness gym body",
    "frame": "frame picture print poster mirror chalkboard sign plaque canvas board",
    "gift": "gift wrap ribbon present party gifts",
    "glasses": "glasses sunglasses goggles spectacles",
    "hat": "hat cap beanie helmet bonnet",
    "headphones": "headphone headset earphones earbuds electronics",
    "heart": "heart",
    "jacket": "jacket coat hoodie sweater cardigan fleece parka vest raincoat",
    "jar": "cream jar balm butter honey jam candy",
    "keyboard": "keyboard keypad",
    "knife": "knife knives cutlery fork spoon scissors cutter peeler spatula",
    "lamp": "lamp light lighting bulb torch flashlight headlamp",
    "laptop": "laptop ultrabook chromebook computer computing",
    "lock": "lock padlock safe",
    "machine": "machine maker grinder brewer mixer blender toaster processor printer attachment",
    "mat": "mat yoga rug towel blanket throw sleeping quilt bedding duvet linen bed",
    "memory": "memory ssd disk drive storage",
    "monitor": "monitor screen display television tv",
    "mouse": "mouse mice trackball",
    "mug": "mug cup tea saucer teacup tumbler espresso",
    "pan": "pan pot skillet wok casserole cookware saucepan lid stove kitchen",
    "paper": "paper card envelope nappies tissue napkin sheet sticker",
    "parcel": "box crate basket drawer chest",
    "pen": "pen pencil marker crayon brush paintbrush office",
    "phone": "phone smartphone mobile handset remote release",
    "plant": "plant flower fern garden seed herb tree rose",
    "plate": "plate dish tray platter tableware cakestand cake",
    "pram": "pushchair pram stroller baby",
    "pump": "soap shampoo lotion sanitizer gel conditioner cleanser detergent serum descaler pump",
    "racket": "racket racquet badminton",
    "ring": "ring necklace bracelet earring jewellery jewelry bangle charm",
    "shirt": "shirt tee t-shirt tshirt top blouse jersey polo apron clothing fashion",
    "shoe": "shoe sneaker boot trainer sandal slipper",
    "socks": "sock gloves mitten",
    "speaker": "speaker soundbar radio microphone",
    "stand": "stand tripod mount easel rack arm post",
    "tablet": "tablet ereader reader",
    "teapot": "teapot kettle jug pitcher",
    "teddy": "teddy bear doll plush rabbit puppet family",
    "tent": "tent camping tarp hammock outdoor",
    "tool": "tool drill hammer screwdriver wrench saw pliers trowel spade peg stone",
    "trousers": "trousers jeans pants shorts leggings tights",
    "turntable": "turntable record vinyl audio music",
    "umbrella": "umbrella parasol",
    "watch": "watch smartwatch wristband tracker strap",
}

# A name that suggests nothing gets one of these, always the same one.
PLAIN_SHAPES = ("parcel", "jar", "gift", "tube", "blocks")


def shape_name(name: str, category: str) -> str:
    """Return the name of the shape for a product; its own name counts before its category.

    The last telling word decides: a laptop bag is a bag.
    """
    shapes = _shapes_by_word()
    for text in (name, category):
        for word in reversed(re.findall(r"t-light|t-shirt|[a-z]+", text.lower())):
            if word in shapes:
                return shapes[word]
    return PLAIN_SHAPES[sum((name or category).encode()) % len(PLAIN_SHAPES)]


@cache
def _shapes_by_word() -> dict[str, str]:
    shapes: dict[str, str] = {}
    for shape, words in WORDS.items():
        for word in words.split():
            for form in (word, f"{word}s", f"{word}es"):
                shapes.setdefault(form, shape)
    return shapes
