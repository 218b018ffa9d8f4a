#include "figures.hpp"

namespace drawn {
namespace {

// Several pairs differ by one stroke or by the meeting point of two strokes (E and F, H and N,
// U and V, square and diamond, T and Y): telling those apart needs more than the amount of ink.
constexpr corner tee[] = {{-54, -56}, {54, -56}, {0, -56}, {0, 60}};
constexpr stroke tee_strokes[] = {{0, 1}, {2, 3}};

constexpr corner wye[] = {{-50, -60}, {50, -60}, {0, 0}, {0, 60}};
constexpr stroke wye_strokes[] = {{0, 2}, {1, 2}, {2, 3}};

constexpr corner plus[] = {{-58, 0}, {58, 0}, {0, -58}, {0, 58}};
constexpr stroke plus_strokes[] = {{0, 1}, {2, 3}};

constexpr corner aitch[] = {{-46, -58}, {-46, 58}, {46, -58}, {46, 58}, {-46, 0}, {46, 0}};
constexpr stroke aitch_strokes[] = {{0, 1}, {2, 3}, {4, 5}};

constexpr corner en[] = {{-46, 58}, {-46, -58}, {46, 58}, {46, -58}};
constexpr stroke en_strokes[] = {{0, 1}, {1, 2}, {2, 3}};

constexpr corner zed[] = {{-50, -54}, {50, -54}, {-50, 54}, {50, 54}};
constexpr stroke zed_strokes[] = {{0, 1}, {1, 2}, {2, 3}};

constexpr corner triangle[] = {{0, -58}, {56, 48}, {-56, 48}};
constexpr stroke triangle_strokes[] = {{0, 1}, {1, 2}, {2, 0}};

constexpr corner square[] = {{-48, -48}, {48, -48}, {48, 48}, {-48, 48}};
constexpr corner diamond[] = {{0, -62}, {56, 0}, {0, 62}, {-56, 0}};
constexpr stroke four_sides[] = {{0, 1}, {1, 2}, {2, 3}, {3, 0}};

constexpr corner cup[] = {{-46, -56}, {-40, 50}, {40, 50}, {46, -56}};
constexpr stroke cup_strokes[] = {{0, 1}, {1, 2}, {2, 3}};

constexpr corner vee[] = {{-50, -58}, {0, 58}, {50, -58}};
constexpr stroke vee_strokes[] = {{0, 1}, {1, 2}};

constexpr corner comb[] = {{44, -58}, {-44, -58}, {-44, 58}, {44, 58}, {-44, 0}, {34, 0}};
constexpr stroke ee_strokes[] = {{0, 1}, {1, 2}, {2, 3}, {4, 5}};
constexpr stroke ef_strokes[] = {{0, 1}, {1, 2}, {4, 5}};

constexpr corner ell[] = {{-40, -58}, {-40, 54}, {48, 54}};
constexpr stroke ell_strokes[] = {{0, 1}, {1, 2}};

constexpr corner ay[] = {{-50, 58}, {0, -58}, {50, 58}, {-28, 14}, {28, 14}};
constexpr stroke ay_strokes[] = {{0, 1}, {1, 2}, {3, 4}};

constexpr corner hourglass[] = {{-48, -56}, {48, -56}, {-48, 56}, {48, 56}};
constexpr stroke hourglass_strokes[] = {{0, 1}, {1, 2}, {2, 3}, {3, 0}};

constexpr std::array<figure, figure_count> all{{
    {"tee", tee, tee_strokes},
    {"wye", wye, wye_strokes},
    {"plus", plus, plus_strokes},
    {"aitch", aitch, aitch_strokes},
    {"en", en, en_strokes},
    {"zed", zed, zed_strokes},
    {"triangle", triangle, triangle_strokes},
    {"square", square, four_sides},
    {"diamond", diamond, four_sides},
    {"cup", cup, cup_strokes},
    {"vee", vee, vee_strokes},
    {"ee", comb, ee_strokes},
    {"ef", comb, ef_strokes},
    {"ell", ell, ell_strokes},
    {"ay", ay, ay_strokes},
    {"hourglass", hourglass, hourglass_strokes},
}};

}  // namespace

const std::array<figure, figure_count>& figures() { return all; }

}  // namespace drawn
