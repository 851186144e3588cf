// Short names for the heads of a wide matrix: what most names end in alike says nothing there ("和平区应急物资储备库" -> "和平区").
const LEAST_ENDING = 3;
const LEAST_LEFT = 2;
const PART = 0.15; // an ending counts as common from this part of the names on

export function briefNames(names: string[]): string[] {
    const endings = new Map<string, number>();
    for (const name of names) {
        for (let n = LEAST_ENDING; n <= name.length - LEAST_LEFT; n++) {
            const ending = name.slice(-n);
            endings.set(ending, (endings.get(ending) ?? 0) + 1);
        }
    }
    const least = Math.max(3, names.length * PART);
    return names.map((name) => {
        for (let n = name.length - LEAST_LEFT; n >= LEAST_ENDING; n--) {
            if ((endings.get(name.slice(-n)) ?? 0) < least) continue;
            if (/[A-Za-z]{2}/.test(name.slice(name.length - n - 1, name.length - n + 1))) continue; // not inside an English word
            // 区, 县 and 市 belong to the name: 滨海新区, not 滨海新.
            return name.slice(0, '区县市'.includes(name[name.length - n]!) ? 1 - n || undefined : -n).trimEnd();
        }
        return name;
    });
}
